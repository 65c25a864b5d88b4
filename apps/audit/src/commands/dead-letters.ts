import {
  openDeadLetters,
  type DeadLetterRemains,
  type KeptDeadLetter,
  type OpenDeadLetters,
} from '#adapters';
import type { Arguments, DeadLetterArguments } from '../arguments.js';
import { COLUMNS, json } from '../dead-letters/rows.js';
import { Selector, SentContents } from '../dead-letters/selection.js';
import { Progress } from '../output/progress.js';
import { printable, rowWriter } from '../output/rows.js';
import { EXIT, type Exit, type Outputs } from '../run.js';
import { WrongArguments } from '../wrong-arguments.js';

/** The usage messages nobody could process: lists them, or sends the originals again. */
export async function deadLetters(options: Arguments, outputs: Outputs): Promise<Exit> {
  const { brokers, topic } = options.deadLetters;
  if (!brokers) throw new WrongArguments('dead-letters needs KAFKA_BROKERS');
  const act = options.names[0] === 'resend' ? resend : list;
  const opened = openDeadLetters({ brokers, topic, clientId: 'purser-audit' });
  try {
    return await act(opened, options, outputs);
  } finally {
    await opened.close();
  }
}

/** Shows the selected letters, oldest first. */
export async function list(
  letters: Pick<OpenDeadLetters, 'read'>,
  { deadLetters: { origins, reason, limit = Infinity }, format }: Arguments,
  { out, err, showProgress }: Outputs,
): Promise<Exit> {
  const selector = new Selector({ origins, reason });
  const rows = rowWriter(format, COLUMNS, json, out);
  const progress = new Progress('read', err, showProgress, 'dead letters');
  await rows.begin();
  let listed = 0;
  const remains = await letters.read(async (batch) => {
    for (const letter of batch) {
      if (!selector.picks(letter)) continue;
      await rows.row(letter);
      listed += 1;
      if (listed >= limit) return 'enough';
    }
    progress.add(batch.length);
    return selector.complete ? 'enough' : 'more';
  });
  progress.done();
  return remarks(selector, remains, err);
}

/** Sends the originals of the selected letters to the usage topic again. */
export async function resend(
  letters: Pick<OpenDeadLetters, 'read' | 'resend'>,
  { deadLetters: options, format }: Arguments,
  { out, err, showProgress }: Outputs,
): Promise<Exit> {
  const { origins, reason, dryRun, topic } = options;
  mustSelect(options);
  const selector = new Selector({ origins, reason });
  const contents = new SentContents();
  const rows = rowWriter(format, COLUMNS, json, out);
  const progress = new Progress('read', err, showProgress, 'dead letters');
  let [sent, same, refused] = [0, 0, 0];
  if (dryRun) await rows.begin();
  const sendSelected = async (batch: readonly KeptDeadLetter[]): Promise<'more' | 'enough'> => {
    const selected = batch.filter((letter) => selector.picks(letter));
    const fresh = selected.filter((letter) => contents.add(letter));
    same += selected.length - fresh.length;
    if (dryRun) for (const letter of fresh) await rows.row(letter);
    const tooLarge = dryRun ? [] : await letters.resend(fresh);
    for (const letter of tooLarge) await out(refusal(letter, topic));
    refused += tooLarge.length;
    sent += fresh.length - tooLarge.length;
    progress.add(batch.length);
    return selector.complete ? 'enough' : 'more';
  };
  let remains: DeadLetterRemains;
  try {
    remains = await letters.read(sendSelected);
  } finally {
    // Also when the broker goes away in the middle: how much was done before.
    progress.done();
    const also = same === 0 ? '' : `; ${same} were the same message as another one`;
    err(`${dryRun ? 'would resend' : 'resent'} ${sent} messages to ${topic}${also}\n`);
  }
  const exit = remarks(selector, remains, err);
  return refused > 0 ? EXIT.found : exit;
}

/** Nothing is sent by an oversight. */
function mustSelect({ origins, reason, all }: DeadLetterArguments): void {
  const chosen = origins.length > 0 || reason !== undefined;
  if (!chosen && !all) throw new WrongArguments('dead-letters resend needs --origin, --reason or --all');
  if (chosen && all) throw new WrongArguments('dead-letters resend: --all excludes --origin and --reason');
}

function refusal({ origin, value }: KeptDeadLetter, topic: string): string {
  return `${printable(origin)}: ${value?.length ?? 0} bytes are more than ${topic} takes\n`;
}

function remarks(selector: Selector, remains: DeadLetterRemains, err: (text: string) => void): Exit {
  const { incomplete, strange } = remains;
  if (incomplete > 0) err(`${incomplete} dead letters lack parts: their sender died, or is sending them\n`);
  if (strange > 0) err(`${strange} records of the topic are no dead letters\n`);
  for (const origin of selector.missing) err(`no such dead letter: ${origin}\n`);
  return selector.missing.length > 0 ? EXIT.found : EXIT.ok;
}
