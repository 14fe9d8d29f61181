/** Why a call had no usable answer. */
export type OutboundFailureKind =
  /** The URL may not be called at all: scheme, port, credentials, local name. */
  | 'refused_url'
  /** Its name leads, or is, to an address that is not public. */
  | 'refused_address'
  | 'dns'
  | 'connection_refused'
  | 'connect_timeout'
  | 'tls'
  /** No whole answer in time. */
  | 'timeout'
  | 'connection_lost'
  /** Headers or body beyond the limit. */
  | 'too_large'
  /** A redirect is not followed: it could lead anywhere. */
  | 'redirect'
  /** What came was no HTTP. */
  | 'protocol'
  /** The request itself cannot be sent, such as for a header with a line break. */
  | 'invalid_request'
  /** The caller's signal. */
  | 'aborted'

export interface OutboundAnswer {
  readonly kind: 'answer'
  /** 200 to 299 and 400 to 599. */
  readonly status: number
  /** By small name; several of one name in a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** As it came: never decompressed. */
  readonly body: Buffer
  /** Whether only the beginning of the body was read. */
  readonly truncated: boolean
  /** Until the headers, where only the beginning is read; otherwise until the end. */
  readonly durationMs: number
}

export interface OutboundFailure {
  readonly kind: 'failure'
  readonly failure: OutboundFailureKind
  /** In words, without the URL. */
  readonly message: string
  /** Of a redirect. */
  readonly status: number | null
  /** False: not a byte of the request has left. True: the other side may have acted on it. */
  readonly mayHaveArrived: boolean
  readonly durationMs: number
}

export type OutboundResult = OutboundAnswer | OutboundFailure
