import { runAudit } from '../cli.js';

export interface Audited {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** What the audit tool says, and how it ends. */
export async function audited(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Audited> {
  let [out, err] = ['', ''];
  const exit = await runAudit([...args], {
    environment,
    out: (text) => {
      out += text;
      return Promise.resolve();
    },
    err: (text) => (err += text),
    showProgress: false,
  });
  return { exit, out, err };
}
