import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Client,
  credentials,
  Metadata,
  status,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { decodeStatusDetails, STATUS_DETAILS_TRAILER, type rpc } from '#contracts';
import { instantFromMs } from '#domain';
import { connectService } from '#platform';
import { loadPlans, subscribeAll } from '../demo/setup.js';
import { everyRpc, HostileRequests, type Rpc } from '../support/hostile-requests.js';
import { startApp, type AppProcess } from '../support/process.js';
import { seeded } from '../support/random.js';

const REQUESTS = 10_000;
const SEED = Number(process.env['HOSTILE_SEED'] ?? 8);
const SIDE_BY_SIDE = 48;
/** Longer than any call may wait for a revision; a call that takes longer hangs. */
const DEADLINE_MS = 30_000;
const RSS = 'process_resident_memory_bytes';

const OK: number = status.OK;

/** What docs and contract name; INTERNAL, UNKNOWN, DATA_LOSS and DEADLINE_EXCEEDED are bugs. */
const DOCUMENTED = new Set<number>([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.FAILED_PRECONDITION,
  status.ABORTED,
  status.UNAVAILABLE,
]);

interface Answer {
  readonly code: number;
  /** `google.rpc.ErrorInfo.reason`; empty where there is none. */
  readonly reason: string;
  readonly details: string;
}

describe('ten thousand hostile gRPC requests over every call', () => {
  const run = `hostile-${randomUUID()}`;
  const customers = Array.from({ length: 12 }, (_, index) => `${run}-${index}`);
  const cleanUp: (() => Promise<void> | void)[] = [];
  let ledger: AppProcess;
  let client: Client;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'purser-hostile-grpc-'));
    cleanUp.push(() => rm(folder, { recursive: true, force: true }));
    ledger = await startApp('standalone', { DATA_DIR: folder });
    cleanUp.push(() => ledger.kill());
    client = new Client(ledger.grpcAddress, credentials.createInsecure());
    cleanUp.push(() => client.close());
    await loadPlans(ledger.grpcAddress);
    await subscribeAll(ledger.grpcAddress, customers, instantFromMs(Date.now()), () => undefined);
  }, 120_000);

  afterAll(async () => {
    for (const end of cleanUp.reverse()) await end();
  });

  it('are answered with documented statuses and reasons only, and leave the process sound', async () => {
    const random = seeded(SEED);
    const requests = new HostileRequests({
      random,
      customers: [...customers, 'nobody'],
      creditSystem: 'ai-tokens',
      plans: ['pro', 'free', 'scale'],
      features: ['embedding', 'image-generation', 'chat-completion', 'unknown'],
      nowMs: Date.now(),
    });
    const rpcs = everyRpc();
    const rssBefore = await ledger.metric(RSS);
    let rssMost = 0;
    const counts = new Map<string, number>();
    const wrong = new Map<string, string>();
    let sent = 0;
    const began = Date.now();
    const senders = Array.from({ length: SIDE_BY_SIDE }, async () => {
      while (sent < REQUESTS) {
        const number = sent++;
        const call = rpcs[number % rpcs.length] ?? random.pick(rpcs);
        const garbled = random.next() < 0.2;
        const bodies = Array.from({ length: call.streamsIn ? 1 + random.below(3) : 1 }, () =>
          garbled ? requests.garbage(call.requests) : requests.of(call.requests),
        );
        const answer = await send(client, call, bodies);
        const name = `${status[answer.code] ?? answer.code} ${answer.reason}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        if (!isDocumented(answer)) {
          const body = bodies.map((bytes) => bytes.subarray(0, 400).toString('base64')).join(' ');
          wrong.set(`${call.path}: ${name}: ${answer.details}`, `#${number} ${body}`);
        }
        if (number % 100 === 0) rssMost = Math.max(rssMost, await ledger.metric(RSS));
      }
    });
    await Promise.all(senders);
    const seconds = (Date.now() - began) / 1000;
    if (wrong.size > 0) process.stderr.write(bugsIn(ledger.output()));
    expect([...wrong].slice(0, 20)).toEqual([]);
    expect(counts.get('OK ')).toBeGreaterThan(REQUESTS / 10);
    expect(rssMost).toBeLessThan(4 * rssBefore);
    expect(await (await fetch(`${ledger.httpUrl}/healthz`)).json()).toEqual({ healthy: true, parts: {} });
    expect((await fetch(`${ledger.httpUrl}/readyz`)).status).toBe(200);
    expect(ledger.output()).not.toMatch(/error of our own|unhandled/i);
    const told = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name.trim()}`);
    process.stderr.write(
      `hostile gRPC: ${sent} requests over ${rpcs.length} calls in ${seconds.toFixed(1)} s: ${told.join(', ')}; ` +
        `memory ${Math.round(rssBefore / 2 ** 20)} → ${Math.round(rssMost / 2 ** 20)} MiB; seed ${SEED}\n`,
    );
  }, 300_000);

  it('leave every account verifiable', async () => {
    const audit = connectService<rpc.AuditService>('AuditService', ledger.grpcAddress);
    for (const customerId of customers) {
      const verdict = await audit.call.verifyAccount({ customerId });
      expect(verdict).toMatchObject({ findings: [] });
    }
    audit.close();
  }, 60_000);
});

/** The errors the process calls its own, as it logged them. */
function bugsIn(log: string): string {
  const lines = log.split('\n').filter((line) => line.includes('error of our own'));
  return lines.map((line) => `${line.slice(0, 2_000)}\n`).join('');
}

/** UNAVAILABLE is right where a call waited for what does not come; without a reason it is a broken connection. */
function isDocumented({ code, reason }: Answer): boolean {
  return code === OK || (DOCUMENTED.has(code) && reason !== '' && reason !== 'INTERNAL');
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** Sends the bytes as they are; of a stream that would never end, what comes in a moment is enough. */
function send(
  client: Client,
  { path, streamsIn, streamsOut }: Rpc,
  bodies: readonly Buffer[],
): Promise<Answer> {
  const options = { deadline: Date.now() + DEADLINE_MS };
  return new Promise((resolve) => {
    const done = (error: ServiceError | null): void => resolve(answerOf(error));
    if (!streamsIn && !streamsOut) {
      client.makeUnaryRequest(path, asIs, asIs, bodies[0] ?? Buffer.alloc(0), new Metadata(), options, done);
      return;
    }
    const metadata = new Metadata();
    const follow = (call: ClientReadableStream<Buffer>, enough?: NodeJS.Timeout): void => {
      call.on('data', () => undefined);
      call.on('error', (error: ServiceError) => {
        clearTimeout(enough);
        done(error.code === status.CANCELLED && enough !== undefined ? null : error);
      });
      call.on('end', () => {
        clearTimeout(enough);
        done(null);
      });
    };
    if (streamsIn) {
      const call = client.makeBidiStreamRequest(path, asIs, asIs, metadata, options);
      follow(call);
      for (const body of bodies) call.write(body);
      call.end();
    } else {
      const [body = Buffer.alloc(0)] = bodies;
      const call = client.makeServerStreamRequest(path, asIs, asIs, body, metadata, options);
      follow(
        call,
        setTimeout(() => call.cancel(), 150),
      );
    }
  });
}

function answerOf(error: ServiceError | null): Answer {
  if (error === null) return { code: status.OK, reason: '', details: '' };
  const [trailer] = error.metadata.get(STATUS_DETAILS_TRAILER);
  const reason = Buffer.isBuffer(trailer) ? decodeStatusDetails(trailer).reason : '';
  return { code: error.code, reason, details: error.details };
}
