import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { readPlanFile, type PlanFile } from '#contracts';
import type { Fault } from '#domain';
import { lostAliases } from './lost-aliases.js';
import { roundedNumbers } from './rounded-numbers.js';

/** Most places that aliases unfold to: far more than a plan has room for, and far less than a bomb needs. */
const MAX_ALIAS_COUNT = 10_000;

/** A plan file with the places where everything stands in it. */
export interface PlanSource {
  readonly file: PlanFile;
  /** `examples/ai-tokens.yaml:14:9: plans[0].name: must not be empty` */
  readonly locate: (fault: Fault) => string;
}

/** The file cannot be read, or what it says cannot be: one line for each fault, with its place. */
export class FaultyPlanFile extends Error {
  override readonly name = 'FaultyPlanFile';
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/** @throws FaultyPlanFile */
export async function openPlanFile(path: string): Promise<PlanSource> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new FaultyPlanFile([`${path}: ${messageOf(error)}`]);
  }
  if (!isUtf8(bytes)) throw new FaultyPlanFile([`${path}:${lineOfOtherText(bytes)}: the text is not UTF-8`]);
  return parsePlanFile(bytes.toString('utf8'), path);
}

/** The first line that is no UTF-8. A line's end is never a part of another character. */
function lineOfOtherText(bytes: Buffer): number {
  let [line, start] = [1, 0];
  for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, start)) {
    if (!isUtf8(bytes.subarray(start, end))) return line;
    line += 1;
    start = end + 1;
  }
  return line;
}

const LINE_END = 0x0a;

/**
 * @param path as the messages name the file
 * @throws FaultyPlanFile
 */
export function parsePlanFile(text: string, path: string): PlanSource {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new FaultyPlanFile(document.errors.map(({ message, pos }) => `${at(pos[0])}: ${message}`));
  }
  const locate = (fault: Fault): string =>
    `${at(offsetOf(document, fault.path))}: ${fault.path}: ${fault.message}`;
  const atNode = (node: Node): string => at(startOf(node) ?? 0);
  const lost = lostAliases(document);
  if (lost.length > 0) {
    throw new FaultyPlanFile(
      lost.map((alias) => `${atNode(alias)}: no anchor &${alias.source} stands before *${alias.source}`),
    );
  }
  const rounded = roundedNumbers(document).map(
    (number) => `${atNode(number)}: ${number.source} would be read as ${String(number.value)}: quote it`,
  );
  const reading = readPlanFile(contentOf(document, path));
  if ('faults' in reading) throw new FaultyPlanFile([...rounded, ...reading.faults.map(locate)]);
  if (rounded.length > 0) throw new FaultyPlanFile(rounded);
  return { file: reading.ok, locate };
}

function contentOf(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
  } catch (error) {
    // Aliases that unfold to more than any plan file needs.
    throw new FaultyPlanFile([`${path}: ${messageOf(error)}`]);
  }
}

const STEP = /\[(\d+)\]|"((?:[^"\\]|\\.)*)"|([^.[\]"]+)/g;

/** Where the path leads to, or as far towards it as the document goes. */
function offsetOf(document: Document, path: string): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [, index, quoted, name] of path.matchAll(STEP)) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const key = quoted ?? name;
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (!pair) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(index)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0];
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}
