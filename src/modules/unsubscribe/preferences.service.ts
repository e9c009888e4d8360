import { Injectable } from '@nestjs/common';
import { languageFor } from '../../domain/index.js';
import type { Executor, Work } from '../../platform/database/index.js';
import type { ConsentProof } from '../consent/index.js';
import { Lists, type List } from '../lists/index.js';
import { Choices, People, Subscriptions, type Choice, type Person } from '../subscribers/index.js';
import type { PreferencesForm } from './preferences-form.js';
import type { Say } from './visit.js';

export type TakenList = List & { readonly choice: Choice };

/** Everything that the preference centre shows of a person. */
export interface Received {
  readonly person: Person;
  /** What the person is on now. */
  readonly lists: readonly TakenList[];
  /** Public lists that the person could ask for. */
  readonly others: readonly List[];
  /** The latest end of a pause; null where none runs. */
  readonly pausedUntil: Date | null;
  /** Whether the person agreed to be tracked; null where no list of theirs tracks. */
  readonly tracking: boolean | null;
}

/** How the acts of one POST are proved: the words of the page, and where they were said. */
export interface Saying {
  readonly say: Say;
  /** The languages of the pages, to tell which one a person reads now. */
  readonly languages: readonly string[];
  readonly proof: (text: string | null) => ConsentProof;
}

/** What a person receives and how. Joining is a new opt-in, so this changes and ends, and never adds. */
@Injectable()
export class Preferences {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly choices: Choices,
    private readonly people: People,
    private readonly lists: Lists,
  ) {}

  /** Undefined for a person who is not there any more. */
  async of(executor: Executor, personId: string): Promise<Received | undefined> {
    const person = await this.people.byId(executor, personId);
    if (!person || person.erasedAt !== null) return undefined;
    const choices = new Map(
      (await this.choices.ofPerson(executor, personId)).map((choice) => [choice.listId, choice]),
    );
    const lists = (await this.lists.byIds(executor, [...choices.keys()])).map((list) => ({
      ...list,
      choice: choices.get(list.id)!,
    }));
    const ends = lists.flatMap(({ choice }) => choice.pausedUntil?.getTime() ?? []);
    return {
      person,
      lists,
      others: (await this.lists.open(executor)).filter(({ id }) => !choices.has(id)),
      pausedUntil: ends.length === 0 ? null : new Date(Math.max(...ends)),
      tracking: lists.some(({ tracking }) => tracking)
        ? (await this.choices.trackingAgreedAt(executor, personId)) !== null
        : null,
    };
  }

  /**
   * Saves what the form says and leaves what it does not: a list that the page did not show stays as it is, whenever it was joined, and
   * an empty POST, such as a scanner's, changes nothing. Each change is a row in the ledger with the words of the page.
   */
  async save(work: Work, personId: string, form: PreferencesForm, saying: Saying): Promise<void> {
    const { trx } = work;
    const before = await this.of(trx, personId);
    if (!before) return;
    const shown = before.lists.filter(({ slug }) => form.shown.includes(slug));
    const [kept, dropped] = [
      shown.filter(({ slug }) => form.kept.includes(slug)),
      shown.filter(({ slug }) => !form.kept.includes(slug)),
    ];
    if (dropped.length > 0)
      await this.subscriptions.leave(
        trx,
        { personId, listIds: dropped.map(({ id }) => id) },
        saying.proof(null),
      );
    await this.saveLists(trx, kept, form, saying);
    await this.savePerson(trx, before, form, saying);
  }

  private async saveLists(
    executor: Executor,
    kept: readonly TakenList[],
    { frequency, pauseDays }: PreferencesForm,
    { say, proof }: Saying,
  ): Promise<void> {
    for (const { slug, name, choice } of kept) {
      const days = frequency.get(slug);
      if (days === undefined) continue;
      const words = `${name}: ${say(`choice.fewer.${days ?? 'all'}`)}`;
      await this.choices.setFrequency(executor, [choice.id], days, proof(words));
    }
    if (pauseDays === undefined) return;
    const ids = kept.map(({ choice }) => choice.id);
    await this.choices.pause(executor, ids, pauseDays, proof(say(`choice.pause.${pauseDays ?? 'none'}`)));
  }

  private async savePerson(
    executor: Executor,
    { person, tracking }: Received,
    form: PreferencesForm,
    { say, languages, proof }: Saying,
  ): Promise<void> {
    const { id } = person;
    if (form.name !== undefined && form.name !== person.name) {
      await this.people.change(executor, id, { name: form.name });
      // The name itself would stay in the ledger for ever.
      await this.choices.notePerson(executor, id, 'name', proof(say('preferences.name')));
    }
    // "de" is ticked for a person whose language is "de-AT": that is no change.
    if (form.locale !== undefined && form.locale !== languageFor(person.locale ?? '', languages)) {
      await this.people.change(executor, id, { locale: form.locale });
      const words = `${say('preferences.language')}: ${form.locale}`;
      await this.choices.notePerson(executor, id, 'locale', proof(words));
    }
    if (form.tracking !== undefined && tracking !== null) {
      const words = say(form.tracking ? 'preferences.tracking' : 'preferences.tracking.not');
      await this.choices.setTracking(executor, id, form.tracking, proof(words));
    }
  }
}
