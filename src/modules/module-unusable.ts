/** A record module that cannot be compiled, or that does not export columns. An operator must change it. */
export class ModuleUnusable extends Error {
  override readonly name = 'ModuleUnusable';
}
