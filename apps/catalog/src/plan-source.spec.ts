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

  it('knows where a fault stands that is found later, as far as the path leads', () => {
    const { locate } = parsePlanFile('plans:\n  - id: pro\n    name: Pro\n', 'p.yaml');
    expect(locate({ path: 'plans[0].name', message: 'm' })).toBe('p.yaml:3:5: plans[0].name: m');
    expect(locate({ path: 'plans[0].credits[2].x', message: 'm' })).toBe(
      'p.yaml:2:5: plans[0].credits[2].x: m',
    );
  });
});
