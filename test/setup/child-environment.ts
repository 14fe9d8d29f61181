/** Of this process’s environment, what processes that a test starts may know: where things are, and no setting. */
export function childEnvironment(): Record<string, string> {
  const known: Record<string, string> = {}
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE']) {
    const value = process.env[name]
    if (value !== undefined) known[name] = value
  }
  return known
}
