/**
 * A reason why the local stack cannot run that the person at the terminal can remove.
 * The message is printed without a stack trace: it names what is wrong and the way out.
 */
export class StackProblem extends Error {
  override readonly name = 'StackProblem'
  /** What to do about it, one suggestion a line. */
  readonly wayOut: string

  constructor(message: string, wayOut: string, options?: ErrorOptions) {
    super(message, options)
    this.wayOut = wayOut
  }
}

/** The text for the terminal: problem first, then the way out. */
export function describeProblem(error: unknown): string {
  if (error instanceof StackProblem) return `${error.message}\n${error.wayOut}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
