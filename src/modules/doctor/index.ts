export { diagnosisJson, diagnosisText, exitCodeOf, readDoctorArguments } from './doctor-command.js';
export { DoctorModule } from './doctor.module.js';
export { Doctor, type Diagnosis } from './doctor.service.js';
export { findingsOf } from './finding.js';
export { installProof, isNonce } from './install-proof.js';
