import { bundleSources } from './bundle-sources.ts';

/** `node src/workers/print-workflow-bundle.ts '{}'`: bundles the workflows with these converters, as JSON, and prints the code. */

process.stdout.write(await bundleSources(JSON.parse(process.argv[2] ?? '{}')));
