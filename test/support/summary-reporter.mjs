/** Ends the run with one line that a person and a CI can read, and names what was skipped. */
export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    const broken = results.numRuntimeErrorTestSuites;
    for (const suite of results.testResults) {
      for (const test of suite.testResults) {
        if (test.status === 'pending') process.stdout.write(`skipped: ${test.fullName}\n`);
      }
    }
    const line = `${results.numPassedTests} passed, ${results.numFailedTests + broken} failed, ${skipped} skipped\n`;
    // After Jest's own summary.
    process.once('exit', () => process.stdout.write(line));
  }
}
