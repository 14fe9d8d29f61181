/** The namespace is marked by another installation: nothing is started or served there. */
export class ForeignNamespaceError extends Error {
  override readonly name = 'ForeignNamespaceError'

  /** `refusal` is the server's answer to taking the namespace over, where that was tried. */
  constructor(
    server: { address: string; namespace: string },
    holder: string,
    ours: string,
    refusal?: unknown,
  ) {
    const wayOut =
      refusal === undefined
        ? 'start once with CONVEYOR_TAKE_OVER_NAMESPACE=true.'
        : `let this one create and delete Schedules there. Taking over was refused: ${refusal}`
    super(
      `The Temporal namespace "${server.namespace}" at ${server.address} belongs to the installation ${holder}; ` +
        `this one, by its database, is ${ours}. Nothing is started there. ` +
        'Use another TEMPORAL_NAMESPACE or TEMPORAL_ADDRESS, or the database of that installation. ' +
        `Only where that installation is gone for good: ${wayOut}`,
      { cause: refusal },
    )
  }
}
