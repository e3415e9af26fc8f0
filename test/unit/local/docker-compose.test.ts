import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const Service = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.null()),
});

const compose = Compose.parse(parse(read('docker-compose.yml'), { merge: true }));
const services = Object.entries(compose.services);
const source = globSync(['src/**/*.ts', 'local/**/*.ts', 'packages/*/src/**/*.ts'], { cwd: root })
  .map(read)
  .join('\n');

describe('docker-compose.yml', () => {
  test.each(services)('%s is built here or has a pinned image', (_name, { image, build }) => {
    const known =
      build === undefined ? /:v?\d+\.\d+/.test(image) : existsSync(join(root, build, 'Dockerfile'));
    expect([image, known]).toEqual([image, true]);
  });

  test.each(services)('%s waits only for services that say when they are ready', (_name, service) => {
    for (const [other, { condition }] of Object.entries(service.depends_on)) {
      const awaited = compose.services[other];
      const says = condition === 'service_healthy' ? awaited?.healthcheck : awaited?.command;
      expect([other, says !== undefined]).toEqual([other, true]);
    }
  });

  test.each(services)('%s is reachable from this computer alone', (_name, { ports }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('the local Redshift answers by the name that its clients use', () => {
    const { REDSHIFT_ALLOWED_HOSTS: allowed } = compose.services.redshift!.environment;
    const { TRIBUTARY_REDSHIFT_DATA_ENDPOINT: endpoint } = compose.services.worker!.environment;
    expect(new URL(endpoint!).hostname).toBe(allowed);
  });

  test('the local DynamoDB answers by the name that its clients use, and finds its tables', () => {
    const { DYNAMODB_ALLOWED_HOSTS: allowed, DYNAMODB_UPSTREAM: tables } =
      compose.services.dynamodb!.environment;
    const { TRIBUTARY_DYNAMODB_ENDPOINT: endpoint } = compose.services.worker!.environment;
    expect(new URL(endpoint!).hostname).toBe(allowed);
    expect(compose.services.dynamodb!.depends_on).toHaveProperty(new URL(tables!).hostname);
  });

  test('the local SQS answers by the name that its clients use, and S3 posts its events there', () => {
    const { SQS_ALLOWED_HOSTS: allowed } = compose.services.sqs!.environment;
    const { TRIBUTARY_SQS_ENDPOINT: endpoint, TRIBUTARY_S3_ENDPOINT: s3 } =
      compose.services.worker!.environment;
    expect(new URL(endpoint!).hostname).toBe(allowed);
    const posted = compose.services.s3!.command!.join(' ').match(/--event-webhook-url=(\S+)/)![1]!;
    expect(posted).toBe(`${endpoint}/_control/s3-events?${new URLSearchParams({ s3: s3! }).toString()}`);
  });

  test('the local Glue answers by the name that its clients use', () => {
    const { GLUE_ALLOWED_HOSTS: allowed } = compose.services.glue!.environment;
    const { TRIBUTARY_GLUE_ENDPOINT: endpoint } = compose.services.worker!.environment;
    expect(new URL(endpoint!).hostname).toBe(allowed);
  });

  test('its Temporal server has the settings of the local stack', () => {
    const settings = (command: readonly string[]) =>
      command.flatMap((word) => /^--dynamic-config-value=(.+)=\d+$/.exec(word)?.[1] ?? []);
    const ofStack = read('local/stack/servers/temporal-server.ts').matchAll(/'(history\.\w+)': /g);
    expect(settings(compose.services.temporal?.command ?? [])).toEqual(Array.from(ofStack, ([, key]) => key));
  });

  test.each(services)('%s runs scripts and mounts files that exist', (_name, service) => {
    const words = [...(service.command ?? []), ...(service.healthcheck?.test ?? [])];
    for (const script of words.filter((word) => /\.[jt]s$/.test(word))) {
      expect([script, existsSync(join(root, script))]).toEqual([script, true]);
    }
    for (const [from] of service.volumes.map((volume) => volume.split(':'))) {
      const known = from!.startsWith('./') ? existsSync(join(root, from!)) : from! in compose.volumes;
      expect([from, known]).toEqual([from, true]);
    }
  });

  test.each(services)('%s is given only settings that something reads', (_name, service) => {
    const ours = Object.keys(service.environment).filter((name) =>
      /^(TRIBUTARY|REDSHIFT|SQS|GLUE|DYNAMODB)_/.test(name),
    );
    for (const name of ours) expect([name, source.includes(name)]).toEqual([name, true]);
  });

  test('Temporal knows the same search attributes as in the local stack', () => {
    const registered = (text: string) => [...new Set(text.match(/Tributary(Pipeline|State|Run)/g))].sort();
    expect(registered(read('docker-compose.yml'))).toEqual(
      registered(read('local/stack/servers/temporal-server.ts')),
    );
  });

  test('the images have the same versions as the parts of the local stack', () => {
    const version = (part: string) => /version = '([^']+)'/.exec(read(`local/parts/${part}.ts`))?.[1];
    expect(compose.services.temporal?.image).toBe(`temporalio/temporal:${version('temporal')}`);
    expect(compose.services.s3?.image).toBe(`versity/versitygw:v${version('versitygw')}`);
  });
});

const plugin = spawnSync('docker', ['compose', 'version']).status === 0;
(plugin ? describe : describe.skip)('with the Docker Compose plugin', () => {
  test('docker-compose.yml is accepted', () => {
    const checked = spawnSync('docker', ['compose', 'config', '--quiet'], { cwd: root, encoding: 'utf8' });
    expect([checked.status, checked.stderr]).toEqual([0, '']);
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  test('it copies only files that exist and that .dockerignore lets through', () => {
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap((line) => line[1]!.split(' '));
    const letThrough = read('.dockerignore').split('\n');
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) {
      expect([path, existsSync(join(root, path)), letThrough.includes(`!${path}`)]).toEqual([
        path,
        true,
        true,
      ]);
    }
  });

  test('it runs a Node that Tributary accepts, on glibc, and not as root', () => {
    const [, major, minor] = /^FROM node:(\d+)\.(\d+)\.\d+-bookworm-slim$/m.exec(dockerfile) ?? [];
    expect(Number(major) * 100 + Number(minor)).toBeGreaterThanOrEqual(2404);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});
