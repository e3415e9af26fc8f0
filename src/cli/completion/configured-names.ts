/** What a configuration file has by name. */
export type Named = 'pipeline' | 'loader';

/**
 * The keys at the first indentation below `section`, such as `pipelines`. A shell runs it at each Tab, so it starts no Node.
 */
const AWK = String.raw`
  $0 ~ "^" section "[ \t]*:" { inside = 1; next }
  /^[^ \t#\r]/ { inside = 0 }
  inside && /^ +[^ #\r]/ {
    match($0, /^ +/)
    if (!width) width = RLENGTH
    if (RLENGTH == width && match($0, /^ +["]?[a-z][a-z0-9_-]*["]?[ ]*:/)) {
      name = substr($0, 1, RLENGTH - 1)
      gsub(/[ "]/, "", name)
      print name
    }
  }`;

/**
 * A shell command that prints the names in a section of a configuration file.
 * @param section an expression of the shell for the section's name
 * @param file one for the file's name
 */
export const configuredNames = (section: string, file: string): string =>
  `awk -v section=${section} '${AWK.trim()}' ${file} 2>/dev/null`;
