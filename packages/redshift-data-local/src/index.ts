export { type RedshiftDataApi, type RedshiftDataApiOptions, startRedshiftDataApi } from './server.ts';
