import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FaultyPlanFile, openPlanFile, parsePlanFile } from './plan-source.js';

function faultsOf(text: string): readonly string[] {
  try {
    parsePlanFile(text, 'plans.yaml');
  } catch (error) {
    if (error instanceof FaultyPlanFile) return error.lines;
    throw error;
  }
  return [];
}

describe('a plan file with faults', () => {
  it('is refused with every fault by line, column and path', () => {
    const lines = faultsOf(`creditSystems:
  - key: tokens
    name: Tokens
    skale: 6
plans:
  - id: pro
    name: Pro
    features:
      - { feature: chat, creditSystem: tokens, creditCost: 0.5 }
      - feature: image
        creditSystem: tokens
`);
    expect(lines).toEqual([
      'plans.yaml:4:5: creditSystems[0].skale: is not known here, got 6',
      expect.stringMatching(/^plans\.yaml:9:48: plans\[0\]\.features\[0\]\.creditCost: .*quoted.*0\.5/),
      'plans.yaml:10:9: plans[0].features[1].creditCost: is missing',
    ]);
  });

  it('is refused where it is no YAML', () => {
    expect(faultsOf('plans:\n  - id: "pro\n')[0]).toMatch(/^plans\.yaml:\d+:\d+: /);
    expect(faultsOf('plans:\n  - id: pro\n    id: pro\n')[0]).toMatch(/^plans\.yaml:3:5: .*unique/);
  });

  it('is refused when it is no plan file at all', () => {
    expect(faultsOf('just a text')).toHaveLength(1);
    expect(faultsOf('[1, 2]')).toHaveLength(1);
    expect(faultsOf('')).toHaveLength(1);
  });

  it('does not unfold aliases without end', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg', 'ih']) {
      bomb.push(
        `${name ?? ''}: &${name ?? ''} [${Array(10)
          .fill(`*${of ?? ''}`)
          .join(', ')}]`,
      );
    }
    expect(faultsOf(bomb.join('\n'))[0]).toMatch(/alias/i);
  });

  it('is refused where an alias has no anchor before it', () => {
    const text = 'plans:\n  - { id: a, name: A, features: *f }\n  - { id: b, name: B, features: &f [] }\n';
    expect(faultsOf(`${text}  - { id: c, name: *n }\n`)).toEqual([
      'plans.yaml:2:33: no anchor &f stands before *f',
      'plans.yaml:4:20: no anchor &n stands before *n',
    ]);
  });

  it('is refused where a number would be read as another one, beside every other fault', () => {
    const feature = (creditCost: string) => `  - { feature: f, creditSystem: c, creditCost: ${creditCost} }`;
    const text = ['plans: [{ id: p, features: &f [] }]', 'more:', feature('9007199254740990.7')];
    expect(faultsOf([...text, feature('1.00000000000000001')].join('\n'))).toEqual([
      'plans.yaml:3:48: 9007199254740990.7 would be read as 9007199254740991: quote it',
      'plans.yaml:4:48: 1.00000000000000001 would be read as 1: quote it',
      'plans.yaml:1:9: plans[0].name: is missing',
      'plans.yaml:2:1: more: is not known here, got a list',
    ]);
  });

  it.each([
    ['in Latin-1', Buffer.from('plans:\n  # für alle\n  - { id: p, name: Für }\n', 'latin1'), 2],
    ['in UTF-16', Buffer.from('\ufeffplans: []\n', 'utf16le'), 1],
    ['cut off within a character', Buffer.from('plans: []\n# 界').subarray(0, -1), 2],
  ])('is refused by its line when it is %s', async (_, bytes, line) => {
    const folder = await mkdtemp(join(tmpdir(), 'purser-plans-'));
    try {
      const path = join(folder, 'plans.yaml');
      await writeFile(path, bytes);
      await expect(openPlanFile(path)).rejects.toThrow(`${path}:${line}: the text is not UTF-8`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is refused when it cannot be read', async () => {
    await expect(openPlanFile('no/such/file.yaml')).rejects.toThrow('no/such/file.yaml: ENOENT');
  });
});

describe('a plan file', () => {
  it('may say the same in two places once, with an anchor', () => {
    const { file } = parsePlanFile(
      `plans:
  - { id: a, name: A, features: &f [{ feature: x, creditSystem: c, creditCost: "0.10" }] }
  - { id: b, name: B, features: *f }
`,
      'plans.yaml',
    );
    expect(file.plans.map(({ draft }) => draft.features?.[0]?.creditCost.toString())).toEqual(['0.1', '0.1']);
  });

  it('may say the same in a thousand places', () => {
    const plans = Array.from({ length: 1000 }, (_, index) => `  - { id: p${index}, name: P, features: *f }`);
    const { file } = parsePlanFile(
      `plans:\n  - { id: p, name: P, features: &f [] }\n${plans.join('\n')}\n`,
      'plans.yaml',
    );
    expect(file.plans).toHaveLength(1001);
  });

  it('may write an integer in every way that is exact', () => {
    const cost = (text: string) =>
      parsePlanFile(
        `plans: [{ id: p, name: P, features: [{ feature: f, creditSystem: c, creditCost: ${text} }] }]`,
        'plans.yaml',
      ).file.plans[0]?.draft.features?.[0]?.creditCost.toString();
    expect(['0', '7', '-0', '1.0', '1e3', '0x10', '9007199254740991'].map(cost)).toEqual([
      '0',
      '7',
      '0',
      '1',
      '1000',
      '16',
      '9007199254740991',
    ]);
  });

  it('knows where a fault stands that is found later, as far as the path leads', () => {
    const { locate } = parsePlanFile('plans:\n  - id: pro\n    name: Pro\n', 'p.yaml');
    expect(locate({ path: 'plans[0].name', message: 'm' })).toBe('p.yaml:3:5: plans[0].name: m');
    expect(locate({ path: 'plans[0].credits[2].x', message: 'm' })).toBe(
      'p.yaml:2:5: plans[0].credits[2].x: m',
    );
  });
});
