import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openMemoryEventStore } from '#event-store/testing';
import { parsePlanFile } from './plan-source.js';
import { EXIT, runCatalog } from './cli.js';
import { freePort, startService, type RunningService } from './testing/running-service.js';

// Each test starts a service of its own; on a busy machine that takes a while.
jest.setTimeout(60_000);

const EXAMPLES = ['ai-tokens', 'api-calls', 'compute-hours', 'seats'].map((name) => `examples/${name}.yaml`);

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

let service: RunningService;
let folder: string;

beforeEach(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'purser-catalog-'));
});

afterEach(async () => {
  await service.stop();
  await rm(folder, { recursive: true });
});

function catalog(...args: string[]): Promise<Run> {
  return catalogAt(service.address, ...args);
}

async function catalogAt(address: string, ...args: string[]): Promise<Run> {
  let out = '';
  let err = '';
  const status = await runCatalog(args, {
    environment: { GRPC_ADDRESS: address },
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { status, out, err };
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const simple = (allowance: number, more = '') => `
creditSystems:
  - { key: tokens, name: Tokens }
plans:
  - id: pro
    name: Pro
    credits:
      - creditSystem: tokens
        included: { allowance: ${allowance}, resetInterval: month }
${more}`;

interface TwoServices {
  /** Their addresses. */
  readonly here: string;
  readonly there: string;
  /** Has something done just before the next event of the type is stored. */
  readonly justBefore: (event: string, meanwhile: () => Promise<void>) => void;
}

/** Two services on one store. */
async function atTwoServices<T>(play: (two: TwoServices) => Promise<T>): Promise<T> {
  const store = openMemoryEventStore();
  const append = store.append.bind(store);
  const [here, there] = [await startService(store), await startService(store)];
  const justBefore: TwoServices['justBefore'] = (event, meanwhile) => {
    let due = true;
    store.append = async (stream, revision, events) => {
      if (due && events.some(({ type }) => type === event)) {
        due = false;
        await meanwhile();
      }
      return append(stream, revision, events);
    };
  };
  try {
    return await play({ here: here.address, there: there.address, justBefore });
  } finally {
    await here.stop();
    await there.stop();
  }
}

describe('the examples', () => {
  it.each(EXAMPLES)(
    '%s is applied once, changes nothing the second time, and is exported as it was',
    async (example) => {
      expect(await catalog('diff', example)).toMatchObject({ status: EXIT.different, err: '' });
      const first = await catalog('apply', example);
      expect(first).toMatchObject({ status: EXIT.ok, err: '' });
      expect(first.out.split('\n').filter((line) => /^[+~=] /.test(line) && !line.startsWith('+ '))).toEqual(
        [],
      );

      const none = await catalog('diff', example);
      expect(none).toMatchObject({ status: EXIT.ok, err: '' });
      expect(none.out).toContain('nothing to change');
      const second = await catalog('apply', example);
      expect(second.status).toBe(EXIT.ok);
      expect(second.out.split('\n').filter((line) => /^[+~] /.test(line))).toEqual([]);
      expect(second.out).toContain('nothing to change');

      const exported = await file('exported.yaml', (await catalog('export')).out);
      expect((await catalog('diff', exported)).out).toContain('nothing to change');
      const other = await startService();
      try {
        expect((await catalogAt(other.address, 'apply', exported)).status).toBe(EXIT.ok);
        expect((await catalogAt(other.address, 'diff', example)).out).toContain('nothing to change');
        expect((await catalogAt(other.address, 'export')).out).toBe((await catalog('export')).out);
      } finally {
        await other.stop();
      }
    },
  );

  it('use together everything that a plan can say', async () => {
    const said = new Set<string>();
    for (const example of EXAMPLES) {
      const { file: parsed } = parsePlanFile(await readFile(example, 'utf8'), example);
      collect(JSON.parse(JSON.stringify(parsed)), '', said);
    }
    const credit = 'plans[].draft.credits[]';
    for (const wanted of [
      'creditSystems[].description',
      'creditSystems[].unitLabels.singular',
      'creditSystems[].lateUsageGrace',
      'plans[].publish=false',
      'plans[].draft.timeZone',
      ...['hour', 'day', 'week', 'month', 'year'].map(
        (unit) => `${credit}.included.resetInterval.unit=${unit}`,
      ),
      `${credit}.included.rollover.cap`,
      `${credit}.included.rollover.periods`,
      `${credit}.included.priority`,
      `${credit}.priced.commitment=upfront`,
      `${credit}.priced.commitment=payAsYouGo`,
      `${credit}.priced.priority`,
      `${credit}.priced.recurring.quantity`,
      ...['graduated', 'volume'].map((kind) => `${credit}.priced.topUp.kind=${kind}`),
      ...['perUnit', 'perPackage', 'flat', 'percentage'].map(
        (model) => `${credit}.priced.topUp.tiers[].model=${model}`,
      ),
      `${credit}.priced.topUp.tiers[].flatFee`,
      `${credit}.priced.topUp.taxPercent`,
      `${credit}.onEmpty=block`,
      `${credit}.onEmpty=payAsYouGo`,
      `${credit}.lowCreditLimit.action=alert`,
      `${credit}.lowCreditLimit.action=restrict`,
      `${credit}.mandatoryPurchase=true`,
      `${credit}.expiresAfter`,
      `${credit}.minQuantity`,
      `${credit}.maxQuantity`,
      'plans[].draft.features[].prepaid=false',
    ]) {
      expect(said).toContain(wanted);
    }
  });
});

describe('apply', () => {
  it('reports what is new, what changes and how, and what stays', async () => {
    expect((await catalog('apply', await file('a.yaml', simple(100)))).out).toBe(
      '+ credit system tokens\n+ plan pro: version 1\n',
    );
    const more = '  - { id: basic, name: Basic }\n';
    expect((await catalog('apply', await file('b.yaml', simple(250, more)))).out).toBe(
      [
        '= credit system tokens unchanged',
        '~ plan pro: version 2',
        '    credits[tokens].included.allowance: 100 → 250',
        '+ plan basic: version 1\n',
      ].join('\n'),
    );
  });

  it('goes back to what was there before, and forth again, as often as it is asked', async () => {
    const [a, b] = [await file('a.yaml', simple(100)), await file('b.yaml', simple(200))];
    for (const [version, path] of [a, b, a, b, a].entries()) {
      expect((await catalog('apply', path)).out).toContain(`plan pro: version ${version + 1}\n`);
      expect((await catalog('diff', path)).status).toBe(EXIT.ok);
    }
  });

  it('renames, describes and re-times a credit system', async () => {
    await catalog(
      'apply',
      await file('a.yaml', 'creditSystems: [{ key: t, name: Tokens, description: Old }]'),
    );
    const changed =
      'creditSystems: [{ key: t, name: Coins, unitLabels: { singular: coin, plural: coins }, lateUsageGrace: PT2H }]';
    expect((await catalog('apply', await file('b.yaml', changed))).out).toBe(
      [
        '~ credit system t',
        '    name: Tokens → Coins',
        '    description: Old (gone)',
        '    unitLabels.singular: credit → coin',
        '    unitLabels.plural: credits → coins',
        '    lateUsageGraceMs: 3600000 → 7200000\n',
      ].join('\n'),
    );
    expect((await catalog('diff', join(folder, 'b.yaml'))).status).toBe(EXIT.ok);
  });

  it('with --draft saves drafts, which a later apply publishes', async () => {
    const path = await file('a.yaml', simple(100));
    expect((await catalog('apply', path, '--draft')).out).toContain('+ plan pro: draft\n');
    expect((await catalog('apply', path, '--draft')).out).toContain('= plan pro unchanged (draft)\n');
    expect((await catalog('apply', path)).out).toContain('~ plan pro: version 1\n');
    expect((await catalog('apply', path)).out).toContain('= plan pro unchanged (version 1)\n');
  });

  it('with --publish publishes even what the file keeps a draft', async () => {
    const path = await file('a.yaml', 'plans: [{ id: pro, name: Pro, publish: false }]');
    expect((await catalog('apply', path)).out).toBe('+ plan pro: draft\n');
    expect((await catalog('apply', path, '--publish')).out).toBe('~ plan pro: version 1\n');
  });

  it('refuses a file with contradictions by line, column and path, and changes nothing', async () => {
    const path = await file(
      'wrong.yaml',
      `${simple(100)}        minQuantity: 10
        maxQuantity: 5
    features:
      - { feature: chat, creditSystem: gold, creditCost: 1 }
  - { id: free, name: '' }
`,
    );
    expect(await catalog('apply', path)).toEqual({
      status: EXIT.wrong,
      out: '',
      err: [
        `${path}:10:9: plans[0].credits[0].minQuantity: 10 is above the maximum quantity 5`,
        `${path}:13:26: plans[0].features[0].creditSystem: "gold" is not attached to the plan (credits)`,
        `${path}:14:17: plans[1].name: must not be empty`,
        'nothing was changed\n',
      ].join('\n'),
    });
    expect((await catalog('export')).out).toBe('creditSystems: []\nplans: []\n');
  });

  it('refuses another scale for a credit system that is there', async () => {
    await catalog('apply', await file('a.yaml', 'creditSystems: [{ key: t, name: T, scale: 2 }]'));
    const { status, err } = await catalog(
      'apply',
      await file('b.yaml', 'creditSystems: [{ key: t, name: T, scale: 3 }]'),
    );
    expect(status).toBe(EXIT.wrong);
    expect(err).toContain('creditSystems[0]: credit system t has scale 2, which never changes; asked for 3');
  });
});

describe('apply, when it cannot be finished', () => {
  const two = (allowance: number) =>
    simple(allowance, '  - id: basic\n    name: Basic\n  - id: late\n    name: Late\n');

  it('says at which entry the service failed, and what was applied before', async () => {
    const store = openMemoryEventStore();
    const append = store.append.bind(store);
    const other = await startService(store);
    try {
      store.append = (stream, revision, events) =>
        events.some(({ data }) => Buffer.from(data).includes('"planId":"basic"'))
          ? Promise.reject(new Error('broken'))
          : append(stream, revision, events);
      const path = await file('a.yaml', two(100));
      expect(await catalogAt(other.address, 'apply', path)).toEqual({
        status: EXIT.wrong,
        out: '',
        err: expect.stringMatching(
          new RegExp(
            `^${path}:10:5: plans\\[1\\]: SavePlanDraft failed with INTERNAL: .*\n` +
              'applied before that:\n\\+ credit system tokens\n\\+ plan pro: version 1\n$',
          ),
        ),
      });
      store.append = () => Promise.reject(new Error('broken'));
      const { err } = await catalogAt(other.address, 'apply', await file('b.yaml', two(200)));
      expect(err).toMatch(/: plans\[0\]: SavePlanDraft failed .*\nnothing was applied before that\n$/);
    } finally {
      await other.stop();
    }
  });

  it('says so when somebody else has changed a credit system meanwhile, even if every step succeeded', () =>
    atTwoServices(async ({ here, there, justBefore }) => {
      await catalogAt(here, 'apply', await file('a.yaml', 'creditSystems: [{ key: t, name: Tokens }]'));
      const [renamed, described] = [
        await file('b.yaml', 'creditSystems: [{ key: t, name: Coins }]'),
        await file('c.yaml', 'creditSystems: [{ key: t, name: Tokens, description: Shiny }]'),
      ];
      justBefore('CreditSystemRenamed', async () => {
        expect(await catalogAt(there, 'apply', described)).toMatchObject({ status: EXIT.ok });
      });
      expect(await catalogAt(here, 'apply', renamed)).toEqual({
        status: EXIT.wrong,
        out: '',
        err: [
          `${renamed}:1:17: creditSystems[0]: somebody else changed credit system t meanwhile, and after RenameCreditSystem it does not say what the file says: description: Shiny (new) (apply the file again to have it so)`,
          'nothing was applied before that\n',
        ].join('\n'),
      });
      expect(await catalogAt(here, 'apply', renamed)).toMatchObject({ status: EXIT.ok });
    }));
});

describe('two applies at once', () => {
  const refused = (path: string, found: number, expected: number) =>
    `${path}:5:5: plans[0]: somebody else saved another draft of plan pro meanwhile, so what the file says was not published: PublishPlan failed with DRAFT_CHANGED: plan pro has draft ${found}, and draft ${expected} was expected (apply the file again to have it so)`;

  it('publish what each has saved itself: the one whose draft was replaced is told, and comes again', () =>
    atTwoServices(async ({ here, there, justBefore }) => {
      const [mine, theirs] = [await file('a.yaml', simple(100)), await file('b.yaml', simple(200))];
      justBefore('PlanPublished', async () => {
        expect((await catalogAt(there, 'apply', theirs)).out).toContain('plan pro: version 1\n');
      });
      expect(await catalogAt(here, 'apply', mine)).toEqual({
        status: EXIT.wrong,
        out: '',
        err: [
          refused(mine, 2, 1),
          'applied before that:',
          '+ credit system tokens',
          '+ plan pro: draft\n',
        ].join('\n'),
      });
      expect((await catalogAt(here, 'diff', theirs)).out).toContain('nothing to change');
      expect((await catalogAt(here, 'apply', mine)).out).toContain('~ plan pro: version 2\n');
    }));

  it('publish no draft that came after the one that was found', () =>
    atTwoServices(async ({ here, there, justBefore }) => {
      const [mine, theirs] = [await file('a.yaml', simple(100)), await file('b.yaml', simple(200))];
      await catalogAt(here, 'apply', mine, '--draft');
      justBefore('PlanPublished', async () => {
        expect(await catalogAt(there, 'apply', theirs, '--draft')).toMatchObject({ status: EXIT.ok });
      });
      expect(await catalogAt(here, 'apply', mine)).toEqual({
        status: EXIT.wrong,
        out: '',
        err: `${refused(mine, 2, 1)}\nnothing was applied before that\n`,
      });
      expect((await catalogAt(here, 'export', '--published')).err).toContain('plan pro has only a draft');
    }));

  it('do not stand in each other’s way with the same file', () =>
    atTwoServices(async ({ here, there, justBefore }) => {
      const path = await file('a.yaml', simple(100));
      justBefore('PlanPublished', async () => {
        expect((await catalogAt(there, 'apply', path)).out).toContain('plan pro: version 1\n');
      });
      expect((await catalogAt(here, 'apply', path)).out).toContain('plan pro: version 1\n');
    }));
});

describe('apply, when somebody else publishes the same plan just before', () => {
  const withLate = (allowance: number) => simple(allowance, '  - { id: late, name: Late }\n');

  /** Applies the file at one service while the other one is told to apply others before the first draft. */
  const applyBehind = (path: string, others: readonly string[]): Promise<Run> =>
    atTwoServices(async ({ here, there, justBefore }) => {
      await catalogAt(there, 'apply', await file('first.yaml', simple(100)));
      justBefore('PlanDraftSaved', async () => {
        for (const other of others)
          expect(await catalogAt(there, 'apply', other)).toMatchObject({ status: EXIT.ok });
      });
      const run = await catalogAt(here, 'apply', path);
      expect((await catalogAt(here, 'diff', path)).status).toBe(EXIT.ok);
      return run;
    });

  const applied = (version: number): Run => ({
    status: EXIT.ok,
    out: [
      '= credit system tokens unchanged',
      `~ plan pro: version ${version}`,
      '    credits[tokens].included.allowance: 100 → 200',
      '+ plan late: version 1\n',
    ].join('\n'),
    err: '',
  });

  it('applies the whole file, and tells the version that the plan was published as', async () => {
    const [path, other] = [await file('a.yaml', withLate(200)), await file('b.yaml', simple(300))];
    expect(await applyBehind(path, [other])).toEqual(applied(3));
  });

  it('finds its work done where the other one applied the same file', async () => {
    const path = await file('a.yaml', withLate(200));
    expect(await applyBehind(path, [path])).toEqual(applied(2));
    const other = await file('b.yaml', simple(300));
    expect(await applyBehind(path, [other, path])).toEqual(applied(3));
  });
});

describe('export', () => {
  it('writes the named plans and the credit systems they use, and says which it does not know', async () => {
    for (const example of EXAMPLES) await catalog('apply', example);
    const path = join(folder, 'pro.yaml');
    expect((await catalog('export', 'pro', '--output', path)).status).toBe(EXIT.ok);
    const { file: exported } = parsePlanFile(await readFile(path, 'utf8'), path);
    expect(exported.plans.map(({ id }) => id)).toEqual(['pro']);
    expect(exported.creditSystems.map(({ key }) => key)).toEqual(['ai-tokens']);
    expect(await catalog('export', 'pro', 'gold')).toEqual({
      status: EXIT.wrong,
      out: '',
      err: 'the catalog has no plan gold\n',
    });
  });

  it('keeps the order in which credit systems were defined, also when their keys look like numbers', async () => {
    const keys = ['b', '10', '9'];
    const entries = keys.map((key) => `{ key: "${key}", name: N${key} }`);
    await catalog('apply', await file('a.yaml', `creditSystems: [${entries.join(', ')}]`));
    const { file: exported } = parsePlanFile((await catalog('export')).out, 'exported.yaml');
    expect(exported.creditSystems.map(({ key }) => key)).toEqual(keys);
  });

  it('says why a file cannot be written', async () => {
    const { status, err } = await catalog('export', '--output', join(folder, 'no', 'such', 'folder.yaml'));
    expect(status).toBe(EXIT.wrong);
    expect(err).toContain('ENOENT');
  });

  it('tells when a draft is ahead of its plan, and exports the published version if that is wanted', async () => {
    await catalog('apply', await file('a.yaml', simple(100)));
    await catalog('apply', await file('b.yaml', simple(200)), '--draft');
    const draft = await catalog('export');
    expect(draft.out).toContain('allowance: "200"');
    expect(draft.err).toContain('plan pro is exported as its draft, which differs from version 1');
    const published = await catalog('export', '--published');
    expect(published.out).toContain('allowance: "100"');
    expect(published.err).toBe('');
  });
});

describe('the command line', () => {
  it('says how to start a service where none answers', async () => {
    const { status, err } = await catalogAt(`127.0.0.1:${await freePort()}`, 'export');
    expect(status).toBe(EXIT.away);
    expect(err).toMatch(
      /^no service answers at \S+ \(connect ECONNREFUSED \S+\): start one with `npm start`/,
    );
  });

  it.each([
    ['an unknown command', ['aply', 'x.yaml']],
    ['no file', ['apply']],
    ['two files', ['diff', 'a.yaml', 'b.yaml']],
    ['an unknown option', ['apply', 'a.yaml', '--force']],
    ['both --publish and --draft', ['apply', 'a.yaml', '--publish', '--draft']],
    ['an address without a port', ['export', '--address', 'localhost']],
  ])('explains itself when given %s', async (_, args) => {
    const { status, out, err } = await catalog(...args);
    expect([status, out]).toEqual([EXIT.wrong, '']);
    expect(err).toContain('npm run catalog -- apply');
  });

  it('explains itself when given nothing, or asked', async () => {
    expect(await catalog()).toMatchObject({ status: EXIT.ok, err: '' });
    expect((await catalog('apply', '--help')).status).toBe(EXIT.ok);
  });
});

/** Every path of the value, with list places left out, and with the values of what is not a number or text of its own. */
function collect(value: unknown, path: string, into: Set<string>): void {
  if (value === null || value === undefined) return;
  into.add(path);
  if (Array.isArray(value))
    value.forEach((item) => {
      collect(item, `${path}[]`, into);
    });
  else if (typeof value === 'object') {
    for (const [name, member] of Object.entries(value))
      collect(member, path === '' ? name : `${path}.${name}`, into);
  } else into.add(`${path}=${JSON.stringify(value).replace(/^"|"$/g, '')}`);
}
