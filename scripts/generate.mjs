/**
 * Writes what is made from sources: the TypeScript types of schemas/proto and its descriptors for reflection, and the
 * JSON Schemas of usage, ledger events and alerts. `npm run generate -- --check` changes nothing and fails when a file is not what it would be.
 */
import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as prettier from 'prettier';

const root = resolve(import.meta.dirname, '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const TYPES = 'libs/contracts/src/grpc/generated';
const DESCRIPTORS = 'schemas/proto/descriptors.binpb';
const JSON_FOLDERS = ['schemas/usage', 'schemas/events', 'schemas/alerts'];

const TS_PROTO_OPTIONS = [
  'onlyTypes=true', // proto-loader encodes and decodes
  'stringEnums=true', // loader option enums: String
  'enumsAsLiterals=true',
  'unrecognizedEnum=false',
  'useNullAsOptional=true', // loader option defaults: true delivers null for messages that are not set
  'forceLong=number', // loader option longs: Number
  'useDate=false',
  'useReadonlyTypes=true',
  'lowerCaseServiceMethods=true',
  'env=node',
  'esModuleInterop=true',
  'importSuffix=.js',
  'exportCommonSymbols=false',
];

/** Files of TypeScript types, by path from the repository's root. */
function generateTypes(folder) {
  const template = {
    version: 'v2',
    plugins: [
      {
        local: [process.execPath, join(root, 'node_modules/ts-proto/protoc-gen-ts_proto')],
        out: folder,
        strategy: 'all',
        include_imports: true,
        include_wkt: true,
        opt: TS_PROTO_OPTIONS,
      },
    ],
  };
  execFileSync(bin('buf'), ['generate', '--template', JSON.stringify(template)], {
    cwd: root,
    stdio: 'inherit',
  });
  return new Map(
    filesBelow(folder).map((file) => {
      // rxjs is wanted for its types alone.
      const text = readFileSync(join(folder, file), 'utf8').replace(
        'import { Observable } from "rxjs"',
        'import type { Observable } from "rxjs"',
      );
      return [`${TYPES}/${file}`, text];
    }),
  );
}

/** What reflection tells: the files of `purser.v1`, what they import, details of refusals, and `grpc.health.v1`. */
function generateDescriptors(folder) {
  // Sets of files that are written one after the other are one set.
  const sets = ['schemas/proto', 'schemas/google-rpc', 'node_modules/grpc-health-check/proto'].map(
    (protos, index) => {
      const set = join(folder, `${index}.binpb`);
      execFileSync(
        bin('buf'),
        ['build', protos, '--as-file-descriptor-set', '--exclude-source-info', '-o', set],
        {
          cwd: root,
          stdio: 'inherit',
        },
      );
      return readFileSync(set);
    },
  );
  return new Map([[DESCRIPTORS, Buffer.concat(sets)]]);
}

/** JSON Schema files, by path from the repository's root; the shapes are transpiled aside, not from dist. */
async function generateJsonSchemas(folder) {
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', imports: { '#domain': './libs/domain/src/index.js' } }),
  );
  execFileSync(bin('swc'), ['libs/contracts/src', 'libs/domain/src', '-d', folder, '--quiet'], {
    cwd: root,
    stdio: 'inherit',
  });
  const { jsonSchemas } = await import(
    pathToFileURL(join(folder, 'libs/contracts/src/json-schemas.js')).href
  );
  const files = new Map();
  for (const [file, schema] of jsonSchemas()) {
    files.set(
      `schemas/${file}`,
      await prettier.format(withoutUnseen(JSON.stringify(schema)), { parser: 'json', printWidth: 110 }),
    );
  }
  return files;
}

/** JSON in which characters that nobody sees in an editor stand as their numbers. */
function withoutUnseen(json) {
  return json.replace(/(?! )[\p{C}\p{Z}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** What differs between the wanted files and those that are there, as lines for a person. */
function differences(wanted) {
  const lines = [];
  for (const [file, content] of wanted) {
    const there = existsSync(join(root, file)) ? readFileSync(join(root, file)) : undefined;
    if (there === undefined) lines.push(`missing: ${file}`);
    else if (!there.equals(Buffer.from(content))) lines.push(`out of date: ${file}`);
  }
  for (const file of strays(wanted)) lines.push(`made from nothing any more: ${file}`);
  return lines;
}

function strays(wanted) {
  return [TYPES, ...JSON_FOLDERS]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => filesBelow(join(root, folder)).map((file) => `${folder}/${file}`))
    .filter((file) => !wanted.has(file));
}

function write(wanted) {
  for (const file of strays(wanted)) rmSync(join(root, file));
  for (const [file, content] of wanted) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
}

// Inside node_modules, so that what is transpiled there finds its packages.
const cache = join(root, 'node_modules', '.cache');
mkdirSync(cache, { recursive: true });
const scratch = mkdtempSync(join(cache, 'purser-generate-'));
try {
  const types = join(scratch, 'types');
  const schemas = join(scratch, 'schemas');
  mkdirSync(types);
  mkdirSync(schemas);
  const wanted = new Map([
    ...generateTypes(types),
    ...generateDescriptors(scratch),
    ...(await generateJsonSchemas(schemas)),
  ]);
  const found = differences(wanted);
  if (process.argv.includes('--check')) {
    if (found.length > 0) {
      console.error(
        `Generated files do not match their sources; run "npm run generate":\n${found.join('\n')}`,
      );
      process.exitCode = 1;
    } else console.log(`${wanted.size} generated files match their sources`);
  } else {
    write(wanted);
    console.log(found.length > 0 ? found.map((line) => `written (was ${line})`).join('\n') : 'nothing to do');
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
