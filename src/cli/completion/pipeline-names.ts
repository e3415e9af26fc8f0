/**
 * A shell command that prints the names of the pipelines in a configuration file: the keys at the first indentation below
 * `pipelines`. A shell runs it at each Tab, so it starts no Node.
 */
const AWK = String.raw`
  /^pipelines[ \t]*:/ { inside = 1; next }
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

/** @param file an expression of the shell for the file's name */
export const pipelineNames = (file: string): string => `awk '${AWK.trim()}' ${file} 2>/dev/null`;
