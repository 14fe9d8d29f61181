export const DELIVERY_STATES = ['pending', 'delivered', 'failed', 'cancelled'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** Why there is a delivery. */
export const DELIVERY_ORIGINS = ['event', 'test', 'resend', 'replay'] as const
export type DeliveryOrigin = (typeof DELIVERY_ORIGINS)[number]

/** What caused an attempt: the schedule, a look at an endpoint in trouble, or a person. */
export const ATTEMPT_CAUSES = ['schedule', 'probe', 'manual'] as const
export type AttemptCause = (typeof ATTEMPT_CAUSES)[number]

/** Share of each delay of the retry schedule by which it varies, up and down. */
export const RETRY_JITTER = 0.2

/** A body up to this many bytes is sent whole; a larger one names where to read it. */
export const WHOLE_PAYLOAD_BYTES = 20_000
/** What is kept of an answer. */
export const RESPONSE_KEPT_CHARACTERS = 2_000
