import type { Column } from '../columns/layout.ts';
import {
  type Aspect,
  attributePath,
  entityPath,
  entryPath,
  memberPath,
  type Path,
  ROOT,
  rootOf,
  type Step,
  stepsOf,
  withoutAspect,
} from '../item/path.ts';
import { type ItemMapping, rootTables } from './mapping.ts';
import { Treat, Treatments } from './treatment.ts';

/**
 * A test of whether this mapping can put a value in a column. If not, the column is left from an earlier mapping: its
 * entity is gone, or the path is now ignored, kept whole, split, or made of rows.
 */
export function fillableColumns(mapping: ItemMapping): (column: Column) => boolean {
  const treatments = new Treatments(mapping);
  const roots = new Set(rootTables(mapping));
  return (column) => roots.has(rootOf(column.path)) && canReach(treatments, column);
}

/** The same for the rows of a table. */
export function fillableTables(mapping: ItemMapping): (table: Path) => boolean {
  const treatments = new Treatments(mapping);
  const roots = new Set(rootTables(mapping));
  return (table) => {
    const reached = treatmentAt(treatments, table);
    // An ignored member or entry still makes a row.
    return roots.has(rootOf(table)) && reached !== undefined && !reached.belowIgnored;
  };
}

function canReach(treatments: Treatments, { path, form }: Column): boolean {
  const reached = treatmentAt(treatments, path);
  if (reached === undefined || reached.belowIgnored) return false;
  const { treatment, aspect } = reached;
  if (aspect === 'rest') return true;
  if ((treatment & Treat.IGNORE) !== 0) return false;
  if (aspect === 'super') return (treatment & (Treat.WHOLE | Treat.DEEP)) !== 0;
  if ((treatment & Treat.WHOLE) !== 0) return false;
  if (form === 'count') return (treatment & Treat.DEEP) === 0 && hasPart(treatment, MEMBERS);
  if ((treatment & Treat.PART) !== 0) return false;
  if (aspect === 'n' && treatments.rulesAt(withoutAspect(path)).epoch !== undefined) return true;
  return ((treatment & Treat.SPLIT) !== 0) === (aspect !== undefined);
}

const MEMBERS = Treat.PART_MEMBERS | Treat.PART_ENTRIES;

/** Whether a value with these parts is included, at least in part. */
const hasPart = (treatment: number, parts: number) =>
  (treatment & Treat.PART) === 0 || (treatment & parts) !== 0;

const partOf = (step: Step) =>
  step === 'member' ? Treat.PART_MEMBERS : step === 'entry' ? Treat.PART_ENTRIES : Treat.PART_NAMES;

interface Reached {
  /** How the value at the path is treated. */
  readonly treatment: number;
  readonly aspect: Aspect | undefined;
  /** Whether a map, list or set on the way is ignored. */
  readonly belowIgnored: boolean;
}

/** Undefined if the maps, lists and sets on the way are treated so that nothing gets to the path. */
function treatmentAt(treatments: Treatments, path: Path): Reached | undefined {
  let at = ROOT;
  let depth = 0;
  let treatment = 0;
  let belowIgnored = false;
  for (const step of stepsOf(path)) {
    if (typeof step === 'object' && 'aspect' in step) {
      return { treatment, aspect: step.aspect, belowIgnored };
    }
    if (typeof step === 'object' && 'entity' in step) {
      at = entityPath(step.entity);
      continue;
    }
    if ((treatment & (Treat.WHOLE | Treat.DEEP)) !== 0) return undefined;
    if (step !== 'member' && (step === 'entry') !== ((treatment & Treat.ROWS) !== 0)) return undefined;
    belowIgnored ||= (treatment & Treat.IGNORE) !== 0 || !hasPart(treatment, partOf(step));
    at = step === 'member' ? memberPath(at) : step === 'entry' ? entryPath(at) : attributePath(at, step.name);
    treatment = treatments.of(at, ++depth);
  }
  return { treatment, aspect: undefined, belowIgnored };
}
