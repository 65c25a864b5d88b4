/** Fetches the broker's jars with Maven, once, into a cache that every later start reuses. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The newest line of 4.1, which runs on Java 17 and still speaks the protocol versions kafkajs knows. */
const KAFKA_VERSION = '4.1.2';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** Where the jars are kept: KAFKA_CACHE, or .cache/kafka in the repository. */
export const cacheFolder = () => process.env.KAFKA_CACHE ?? path.join(REPOSITORY, '.cache', 'kafka');

const jarFolder = () => path.join(cacheFolder(), `libs-${KAFKA_VERSION}`);

/** Runs a command to its end; rejects with its last output when it fails or cannot be found. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output = (output + String(chunk)).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`));
    });
  });
}

const answers = (command, args) =>
  run(command, args).then(
    () => true,
    () => false,
  );

/** Names what is missing on this machine and the Debian package that brings it; undefined when nothing is. */
export async function missingTools() {
  const [java, jars] = [await answers('java', ['-version']), existsSync(jarFolder())];
  // Maven only fetches: with the jars in the cache it is not needed.
  const maven = jars || (await answers('mvn', ['-version']));
  const missing = [
    ...(java ? [] : ['java (Debian package default-jre-headless)']),
    ...(maven ? [] : ['mvn (Debian package maven)']),
  ];
  return missing.length === 0 ? undefined : missing.join(' and ');
}

/**
 * The class path of the broker, fetched when it is not in the cache yet.
 * @param {(line: string) => void} log
 */
export async function brokerClassPath(log) {
  const missing = await missingTools();
  if (missing !== undefined) throw new Error(`A Kafka broker needs ${missing}; not found on the PATH.`);
  const libs = jarFolder();
  if (!existsSync(libs)) {
    log(`fetching Kafka ${KAFKA_VERSION} with Maven into ${libs}`);
    // Fetched beside and renamed, so that two starts at once never see half a folder.
    const work = `${libs}.${process.pid}-${Date.now()}`;
    await mkdir(work, { recursive: true });
    try {
      await writeFile(path.join(work, 'pom.xml'), POM);
      const args = ['-B', '-q', '-ntp', 'dependency:copy-dependencies', '-DoutputDirectory=jars'];
      await run('mvn', args, { cwd: work });
      await rename(path.join(work, 'jars'), libs).catch((error) => {
        if (!existsSync(libs)) throw error;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return path.join(libs, '*');
}
