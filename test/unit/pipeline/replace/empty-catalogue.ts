import type { Catalogue } from '../../../../src/pipeline/replace/catalogue.ts';

/** The catalogue of a schema that holds nothing. */
export const emptyCatalogue = (owner: string): Catalogue => ({
  ...{ owner, relations: [], columns: new Set(), views: [], comments: [] },
  ...{ schemaGrants: [], relationGrants: [], columnGrants: [], defaultGrants: [] },
});
