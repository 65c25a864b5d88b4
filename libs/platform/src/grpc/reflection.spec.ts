import { Server, credentials, makeClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { SERVICES } from '#contracts';
import { reflection } from './reflection.js';
import { listen } from './testing/listen.js';

interface Answer {
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
}

const reflectionProto = join(
  dirname(createRequire(import.meta.url).resolve('@grpc/reflection')),
  '../proto/grpc/reflection/v1/reflection.proto',
);
const definition = loadSync(reflectionProto)['grpc.reflection.v1.ServerReflection'];
const Client = makeClientConstructor(definition as Parameters<typeof makeClientConstructor>[0], 'reflection');

describe('server reflection', () => {
  const server = new Server();
  let client: InstanceType<typeof Client>;

  beforeAll(async () => {
    reflection().addToServer(server);
    const address = await listen(server);
    client = new Client(address, credentials.createInsecure());
  });
  afterAll(() => {
    client.close();
    server.forceShutdown();
  });

  /** As a client that knows nothing asks: over one stream. */
  const ask = (question: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } =
        Client.service['ServerReflectionInfo'] ?? never();
      const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      stream.on('data', resolve).on('error', reject);
      stream.write(question);
      stream.end();
    });

  const fileOf = async (question: object) => {
    const [bytes] = (await ask(question)).fileDescriptorResponse?.fileDescriptorProto ?? [];
    if (!bytes) throw new Error(`no file for ${JSON.stringify(question)}`);
    return descriptor.FileDescriptorProto.decode(bytes) as unknown as File;
  };

  it('lists what can be called', async () => {
    const listed = (await ask({ listServices: '' })).listServicesResponse?.service.map(({ name }) => name);
    expect(listed?.sort()).toEqual([
      'grpc.health.v1.Health',
      ...[...SERVICES].map((name) => `purser.v1.${name}`).sort(),
    ]);
  });

  it.each(SERVICES)(
    'gives a client all that it needs for %s: every file it imports, every type it uses',
    async (name) => {
      const files = new Map<string, File>();
      const take = async (file: File): Promise<void> => {
        if (files.has(file.name)) return;
        files.set(file.name, file);
        for (const fileByFilename of file.dependency) await take(await fileOf({ fileByFilename }));
      };
      await take(await fileOf({ fileContainingSymbol: `purser.v1.${name}` }));
      for (const file of files.values()) {
        const visible = [file, ...file.dependency.map((imported) => files.get(imported) ?? never())];
        const known = new Set(visible.flatMap((each) => typesOf(`.${each.package}`, each)));
        for (const used of typesUsedIn(file)) expect(known).toContain(used);
      }
    },
  );

  it.each(['ErrorInfo', 'BadRequest'])('knows the %s of a refusal', async (name) => {
    const { messageType } = await fileOf({ fileContainingSymbol: `google.rpc.${name}` });
    expect(messageType.map((message) => message.name)).toContain(name);
  });

  it('names fields as the .proto files do', async () => {
    const { messageType } = await fileOf({ fileByFilename: 'purser/v1/ledger.proto' });
    const fields = messageType.flatMap(({ field }) => field.map(({ name }) => name));
    expect(fields).toContain('customer_id');
    expect(fields.filter((name) => /[A-Z]/.test(name))).toEqual([]);
  });
});

interface Message {
  readonly name: string;
  readonly field: readonly { readonly name: string; readonly typeName: string }[];
  readonly nestedType: readonly Message[];
  readonly enumType: readonly { readonly name: string }[];
}

interface File {
  readonly name: string;
  readonly package: string;
  readonly dependency: readonly string[];
  readonly messageType: readonly Message[];
  readonly enumType: readonly { readonly name: string }[];
  readonly service: readonly {
    readonly method: readonly { readonly inputType: string; readonly outputType: string }[];
  }[];
}

function typesOf(
  scope: string,
  {
    enumType,
    ...rest
  }: Pick<Message, 'enumType'> & (Pick<File, 'messageType'> | Pick<Message, 'nestedType'>),
): string[] {
  const messages = 'messageType' in rest ? rest.messageType : rest.nestedType;
  return [
    ...enumType.map(({ name }) => `${scope}.${name}`),
    ...messages.flatMap((each) => [`${scope}.${each.name}`, ...typesOf(`${scope}.${each.name}`, each)]),
  ];
}

function typesUsedIn({ messageType, service }: File): string[] {
  const inMessages = (messages: readonly Message[]): string[] =>
    messages.flatMap(({ field, nestedType }) => [
      ...field.map(({ typeName }) => typeName),
      ...inMessages(nestedType),
    ]);
  const inServices = service.flatMap(({ method }) =>
    method.flatMap(({ inputType, outputType }) => [inputType, outputType]),
  );
  return [...inMessages(messageType), ...inServices].filter((name) => name !== '');
}

function never(): never {
  throw new Error('it must be there');
}
