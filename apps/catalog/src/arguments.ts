import { parseArgs } from 'node:util';
import { userName } from './user-name.js';

const DEFAULT_ADDRESS = '127.0.0.1:50051';

export const USAGE = `Loads credit systems and plans from files, and writes them to files.

  npm run catalog -- apply <file.yaml>     make the catalog say what the file says
  npm run catalog -- diff <file.yaml>      show what apply would change
  npm run catalog -- export [plan …]       write the catalog, or some plans of it, as such a file

  --address host:port   the running service; default GRPC_ADDRESS, or 127.0.0.1:50051
  --publish             apply, diff: publish every plan of the file, even with "publish: false"
  --draft               apply, diff: save drafts and publish none
  --actor name          apply: who does it, for the audit trail; default the user's name
  --published           export: the latest published versions; default the drafts
  --output file         export: write to a file; default the terminal

Ends with 0 when all is well, 1 when diff found a difference, 2 when the arguments or the file are wrong, the
service refused or somebody else changed the same plan meanwhile, 3 when no service answered (start one with
\`npm start\`).
`;

/** The command line cannot be understood. */
export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
}

export interface Arguments {
  readonly command: 'apply' | 'diff' | 'export' | 'help';
  readonly names: readonly string[];
  readonly address: string;
  readonly publish: boolean | undefined;
  /** Of apply; empty for what changes nothing. */
  readonly actor: string;
  readonly published: boolean;
  readonly output: string | undefined;
}

/** @throws WrongArguments */
export function readArguments(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  user: () => string = userName,
): Arguments {
  const { values, positionals } = parsed(args);
  const [named = 'help', ...names] = positionals;
  const command = values.help ? 'help' : named;
  if (command !== 'apply' && command !== 'diff' && command !== 'export' && command !== 'help') {
    throw new WrongArguments(`no such command: ${command}`);
  }
  if ((command === 'apply' || command === 'diff') && names.length !== 1) {
    throw new WrongArguments(`${command} needs one file, not ${names.length}`);
  }
  if (values.publish && values.draft) throw new WrongArguments('either --publish or --draft, not both');
  const address = values.address ?? given(environment['GRPC_ADDRESS']) ?? DEFAULT_ADDRESS;
  if (!/:\d{1,5}$/.test(address)) throw new WrongArguments(`not an address like 127.0.0.1:50051: ${address}`);
  return {
    command,
    names,
    address,
    publish: values.publish ? true : values.draft ? false : undefined,
    actor: values.actor ?? (command === 'apply' ? `catalog file, ${user()}` : ''),
    published: values.published ?? false,
    output: values.output,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        address: { type: 'string' },
        publish: { type: 'boolean' },
        draft: { type: 'boolean' },
        actor: { type: 'string' },
        published: { type: 'boolean' },
        output: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error));
  }
}

/** A variable that is there and empty says nothing. */
function given(variable: string | undefined): string | undefined {
  return variable === '' ? undefined : variable;
}
