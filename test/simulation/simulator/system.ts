import { usageFingerprint } from '#contracts';
import { identityOf, instantFromMs, type AccountCommand } from '#domain';
import { accountStream, CATALOG_STREAM, EMPTY_STREAM, seal } from '#journal';
import type { Outcome } from '#write-side';
import { DAY, HOUR, makeScenery, MINUTE, type Scenery } from './catalog.js';
import { CommandSource } from './command-source.js';
import type { Reading } from './faulty-stores.js';
import { NO_FAULTS } from './faults.js';
import { Killed } from './gates.js';
import { LedgerProcess } from './ledger-process.js';
import { ProjectorProcess } from './projector-process.js';
import { Random } from './random.js';
import { Stage } from './stage.js';
import { surroundingsOf } from './ledger-surroundings.js';
import { toCome, type Surroundings } from './surroundings.js';
import { Tally } from './tally.js';

type Sent = Exclude<AccountCommand, { readonly type: 'Settle' }>;
type Usage = Extract<AccountCommand, { readonly type: 'RecordUsage' }>;

/** What a client asked for and was answered. */
export interface Answered {
  readonly customerId: string;
  readonly command: Sent;
  readonly outcome: Outcome;
  /** The end of the account's stream when it was asked, and when it was answered. */
  readonly between: readonly [number, number];
  /** Clock and horizon by which whoever answered decided, between question and answer. */
  readonly readings: readonly Reading[];
}

/** Usage that went into the stream. */
export interface Produced {
  readonly customerId: string;
  readonly command: Usage;
  /** topic/partition/offset */
  readonly origin: string;
  /** When it reached the stream. */
  readonly at: number;
}

interface Request {
  readonly customerId: string;
  readonly command: Sent;
}

const PARTITIONS = 2;
const MOST_AT_ONCE = 6;

/** Several processes, clients and producers over shared stores, with everything going wrong that the seed says. */
export class System {
  readonly stage: Stage;
  readonly scenery: Scenery;
  readonly customers: readonly string[];
  /** Every command ever sent, by account, identity and fingerprint. */
  readonly sent = new Map<string, AccountCommand>();
  /** Usage that went into the stream, in order of production. */
  readonly produced: Produced[] = [];
  readonly answered: Answered[] = [];
  /** Whether a price never comes about for usage that was consumed before. */
  steadyPrices: boolean;
  readonly #random: Random;
  readonly #sources: ReadonlyMap<string, CommandSource>;
  /** Requests whose client got no answer: it asks again. */
  readonly #unanswered: Request[] = [];
  #ledgers: LedgerProcess[] = [];
  #projectors: ProjectorProcess[] = [];
  #atOnce = 0;
  #names = 0;
  #consumersOut = false;
  /** What went wrong that never may. */
  failure: unknown;

  constructor(seed: number) {
    this.#random = new Random(seed);
    const random = this.#random;
    this.scenery = makeScenery(random.fork());
    const time = Date.UTC(2026, random.between(0, 11), random.pick([1, 15, 28, 31]), random.pick([0, 1, 12]));
    this.stage = new Stage(random.fork(), time, PARTITIONS);
    this.customers = Array.from({ length: random.between(1, 4) }, (_, index) => `customer-${index + 1}`);
    this.steadyPrices = random.oneIn(2);
    this.#sources = new Map(
      this.customers.map((customerId) => [
        customerId,
        new CommandSource(random.fork(), this.scenery, !this.steadyPrices),
      ]),
    );
    const rate = (often: number) => random.pick([0, 0, often, often * 5]);
    this.stage.faults.rates = {
      ambiguous: rate(8),
      eventStoreAway: rate(15),
      readStoreAway: rate(15),
      deadLettersAway: rate(4),
      slowAnswer: rate(4),
    };
  }

  /** Runs so many steps of everything at once, then lets it come to rest without further faults. */
  async run(steps: number): Promise<void> {
    await this.#begin();
    for (let step = 0; step < steps && this.failure === undefined; step += 1) await this.#step();
    await this.#rest();
  }

  async #begin(): Promise<void> {
    const { sealed } = seal(CATALOG_STREAM, EMPTY_STREAM, this.scenery.events);
    const at = this.stage.instant();
    await this.stage.append(CATALOG_STREAM, -1, sealed, { now: at, consumedThrough: at });
    await this.#startLedger();
    if (this.#random.oneIn(2)) await this.#startLedger();
    await this.#startProjector();
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const action = random.weighted({
      go: 60,
      produce: 8,
      consume: 8,
      command: 6,
      again: 2,
      routine: 4,
      sweep: 2,
      time: 6,
      trouble: 1,
    });
    switch (action) {
      case 'go':
        await this.stage.gates.openOne(this.stage.workers);
        return;
      case 'produce':
        for (let count = random.between(1, 4); count > 0; count -= 1) this.#produce();
        return;
      case 'consume':
        if (!this.#consumersOut)
          this.#start((ledger) =>
            ledger.consume(random.between(0, PARTITIONS - 1), random.pick([1, 3, 100])),
          );
        break;
      case 'command':
        this.#request(this.#newRequest());
        break;
      case 'again': {
        const request = this.#unanswered.shift();
        if (request) this.#request(request);
        break;
      }
      case 'routine':
        this.#start((ledger) => ledger.routine());
        break;
      case 'sweep':
        this.#start((ledger) => ledger.sweep());
        break;
      case 'time':
        this.stage.time += this.#passing();
        return;
      case 'trouble':
        await this.#trouble();
    }
    await this.stage.gates.quiet(this.stage.workers);
  }

  #passing(): number {
    const random = this.#random;
    const { time } = this.stage;
    const ahead = toCome(this.#there(random.pick(this.customers)), time).filter((at) => at < time + 8 * DAY);
    const instant = ahead.length > 0 ? 4 : 0;
    switch (random.weighted({ moment: 4, minutes: 4, hours: 2, days: 1, instant })) {
      case 'instant':
        return Math.max(0, random.pick(ahead) - time + random.pick([-1, 0, 0, 1]));
      case 'moment':
        return random.between(1, 5000);
      case 'minutes':
        return random.between(1, 40) * MINUTE;
      case 'hours':
        return random.between(1, 24) * HOUR;
      case 'days':
        return random.between(1, 8) * DAY;
    }
  }

  async #trouble(): Promise<void> {
    const random = this.#random;
    const trouble = random.weighted({
      crash: 6,
      moreLedgers: 2,
      rebalance: 2,
      projectorCrash: 4,
      takeover: 2,
      deleted: 3,
      noCheckpoint: 1,
      lateAppend: 6,
      clockStep: 3,
      outage: 2,
    });
    switch (trouble) {
      case 'crash':
        await this.#kill(random.pick(this.#ledgers));
        if (this.#ledgers.length === 0) await this.#startLedger();
        return;
      case 'moreLedgers':
        if (this.#ledgers.length < 3) await this.#startLedger();
        return;
      case 'rebalance':
        await this.#rebalance();
        return;
      case 'projectorCrash': {
        const victim = this.#projectors.shift();
        if (victim) await this.#end(victim);
        await this.#startProjector();
        return;
      }
      case 'takeover':
        await this.#startProjector();
        return;
      case 'deleted':
        this.stage.deleteReadStore();
        return;
      case 'noCheckpoint':
        this.stage.readData.checkpoints.clear();
        return;
      case 'lateAppend':
        await this.stage.late.shift()?.();
        return;
      case 'clockStep':
        this.steadyPrices = false;
        random.pick(this.#ledgers).clockOffset =
          random.pick([0, 0, 1, -1]) * random.pick([50, 3000, 10 * MINUTE, 5 * HOUR, 2 * DAY]);
        return;
      case 'outage':
        this.#consumersOut = !this.#consumersOut;
    }
  }

  /** Something a process does by itself; that it fails is its own affair, and it will be done again. */
  #start(work: (ledger: LedgerProcess) => Promise<unknown>): void {
    if (this.#atOnce >= MOST_AT_ONCE) return;
    const ledger = this.#random.pick(this.#ledgers);
    this.#atOnce += 1;
    void work(ledger)
      .catch((error: unknown) => this.#look(error))
      .finally(() => (this.#atOnce -= 1));
  }

  #newRequest(): Request {
    const customerId = this.#random.pick(this.customers);
    const command = this.#source(customerId).command(this.stage.time, this.#there(customerId));
    return { customerId, command: this.#remember(customerId, command) };
  }

  /** A client asks, and asks again until it is answered; sometimes it asks another process although it was. */
  #request(request: Request): void {
    const { customerId, command } = request;
    if (this.#atOnce >= MOST_AT_ONCE) {
      this.#unanswered.push(request);
      return;
    }
    const stream = accountStream(customerId);
    const from = this.stage.headOf(stream);
    this.#start((ledger) => {
      const since = ledger.readings.length;
      return ledger.execute(customerId, command).then(
        (outcome) => {
          const between = [from, this.stage.headOf(stream)] as const;
          if (!ledger.alive) this.#unanswered.push(request);
          else
            this.answered.push({
              customerId,
              command,
              outcome,
              between,
              readings: ledger.readings.slice(since),
            });
        },
        (error: unknown) => {
          this.#unanswered.push(request);
          throw error;
        },
      );
    });
  }

  #produce(): void {
    const customerId = this.#random.oneIn(50) ? 'nobody' : this.#random.pick(this.customers);
    const maker = customerId === 'nobody' ? (this.customers[0] ?? '') : customerId;
    const made = this.#source(maker).usage(this.stage.time, this.#there(maker));
    if (made.type !== 'RecordUsage') return;
    const { source, id, feature, quantity, time, dimensions } = made;
    const command = asReported(customerId, made, 'metered');
    this.#remember(customerId, command);
    const event = {
      specversion: '1.0',
      type: 'usage.recorded',
      id,
      source,
      subject: customerId,
      time,
      data: { feature, quantity: quantity.toString(), dimensions },
    };
    const partition = customerId.charCodeAt(customerId.length - 1) % PARTITIONS;
    const offset = this.stage.stream.produce({
      partition,
      key: Buffer.from(customerId),
      value: Buffer.from(JSON.stringify(event)),
    });
    this.produced.push({
      customerId,
      command,
      origin: `${this.stage.stream.topic}/${partition}/${offset}`,
      at: this.stage.time,
    });
  }

  #there(customerId: string): Surroundings {
    const { state, events } = this.stage.told(accountStream(customerId));
    return surroundingsOf(state, events, this.scenery.catalog, this.stage.instant());
  }

  #remember<Command extends Sent>(customerId: string, command: Command): Command {
    const mode = command.type === 'RecordUsage' ? command.mode : undefined;
    this.sent.set(sentKey(customerId, identityOf(command) ?? '', command.fingerprint, mode), command);
    return command;
  }

  #source(customerId: string): CommandSource {
    const source = this.#sources.get(customerId);
    if (!source) throw new Error(`there is no ${customerId}`);
    return source;
  }

  async #startLedger(): Promise<void> {
    const ledger = await LedgerProcess.start(`ledger-${(this.#names += 1)}`, this.stage, this.#random.fork());
    this.#ledgers.push(ledger);
    this.stage.workers.push(ledger);
    this.#atOnce += 1;
    void ledger
      .routine()
      .catch((error: unknown) => this.#look(error))
      .finally(() => (this.#atOnce -= 1));
    await this.stage.gates.quiet(this.stage.workers);
  }

  async #startProjector(): Promise<void> {
    // The lease of one that died has run out, or the clock of the store stepped: either way it is free.
    this.stage.readData.leases.clear();
    const name = `projector-${(this.#names += 1)}`;
    const projector = new ProjectorProcess(name, this.stage, this.#random.fork());
    for (const idle of this.#projectors.filter(({ standby }) => standby)) await this.#end(idle);
    this.#projectors = [...this.#projectors.filter(({ alive }) => alive), projector];
    this.stage.workers.push(projector);
    await this.stage.gates.quiet(this.stage.workers);
  }

  /** Somebody joins the group and goes away again: every partition may move, and every running batch is stale. */
  async #rebalance(): Promise<void> {
    const guest = this.stage.stream.consumer('ledger', { delivery: 'manual' });
    await guest.start(() => Promise.resolve(undefined));
    guest.kill();
  }

  async #kill(ledger: LedgerProcess): Promise<void> {
    ledger.kill();
    this.#ledgers = this.#ledgers.filter((each) => each !== ledger);
    await this.#leave(ledger);
  }

  async #end(projector: ProjectorProcess): Promise<void> {
    await this.#leave(projector);
    await projector.stop();
    if (projector.defect !== undefined) this.failure ??= projector.defect;
  }

  async #leave(worker: LedgerProcess | ProjectorProcess): Promise<void> {
    await this.stage.gates.kill(worker, this.stage.workers);
    this.stage.workers.splice(this.stage.workers.indexOf(worker), 1);
  }

  /** Faults that were made are expected; anything else is what the simulation looks for. */
  #look(error: unknown): void {
    const name = error instanceof Error ? error.name : '';
    const made = [
      'AppendOutcomeUnknown',
      'EventStoreUnavailable',
      'ReadStoreUnavailable',
      'ConflictRetriesUsedUp',
    ];
    if (error instanceof Killed || made.includes(name)) return;
    this.failure ??= error;
  }

  /** No more faults: whatever waits is done, and everything becomes as it must be in the end. */
  async #rest(): Promise<void> {
    const { stage } = this;
    stage.faults.rates = NO_FAULTS;
    for (const append of stage.late.splice(0)) await append();
    await this.#idle();
    for (const ledger of [...this.#ledgers]) await this.#kill(ledger);
    for (const projector of this.#projectors.splice(0)) await this.#end(projector);
    // Further than any clock ever stepped, so that nobody waits for time to catch up.
    stage.time += 3 * DAY;
    await this.#startLedger();
    await this.#startProjector();
    await this.#idle();
    for (let round = 0; round < 10 && this.failure === undefined; round += 1) {
      for (const request of this.#unanswered.splice(0)) {
        this.#request(request);
        await this.#idle();
      }
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        this.#start((ledger) => ledger.consume(partition, 1000));
        await this.#idle();
      }
      this.#start((ledger) => ledger.routine());
      await this.#idle();
      this.#start((ledger) => ledger.sweep());
      await this.#idle();
    }
  }

  /** Until nobody has anything to do. */
  async #idle(): Promise<void> {
    const { gates, workers } = this.stage;
    await gates.quiet(workers);
    while (await gates.openOne(workers));
    const defect = this.#projectors.find((projector) => projector.defect !== undefined)?.defect;
    if (defect !== undefined) this.failure ??= defect;
    if (this.#atOnce > 0) this.failure ??= new Error(`${this.#atOnce} pieces of work never came to an end`);
  }

  /** Ends every process that still runs. */
  async close(): Promise<void> {
    for (const ledger of [...this.#ledgers]) await this.#kill(ledger);
    for (const projector of this.#projectors.splice(0)) await this.#end(projector);
  }

  /** How far behind the stream the consumers are. */
  get waiting(): number {
    const committed = this.stage.stream.committed('ledger');
    return this.stage.stream.partitions.reduce(
      (sum, messages, partition) => sum + messages.length - Number(committed.get(partition) ?? 0n),
      this.#unanswered.length,
    );
  }

  /** What clients were answered. */
  tally(): Tally {
    const tally = new Tally();
    for (const { command, outcome } of this.answered)
      tally.count(command.type, outcome.kind === 'rejected' ? outcome.reason : outcome.kind);
    return tally;
  }

  now() {
    return instantFromMs(this.stage.time);
  }
}

export function sentKey(
  customerId: string,
  identity: string,
  fingerprint: string,
  mode: string | undefined,
): string {
  return JSON.stringify([customerId, identity, fingerprint, mode]);
}

/** Usage is known by what it says, whichever way it came. */
function asReported(customerId: string, usage: Usage, mode: Usage['mode']): Usage {
  const { source, id, feature, quantity, time, dimensions } = usage;
  return {
    ...usage,
    mode,
    fingerprint: usageFingerprint({ customerId, source, id, feature, quantity, time, dimensions }),
  };
}
