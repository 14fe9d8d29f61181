import type { Dispatcher } from 'undici'

/** Called once a call, when it is over, with the bytes of its two bodies as far as they went. */
export type ByteListener = (bytes: number) => void

/** The same dispatcher, which counts. Nothing is copied or held back. */
export function countBytes(dispatcher: Dispatcher, onBytes: ByteListener): Dispatcher {
  return dispatcher.compose(
    (dispatch) => (options, handler) => dispatch(options, countingHandler(handler, onBytes)),
  )
}

function countingHandler(
  handler: Dispatcher.DispatchHandler,
  onBytes: ByteListener,
): Dispatcher.DispatchHandler {
  let bytes = 0
  const tell = () => {
    if (bytes > 0) onBytes(bytes)
    bytes = 0
  }
  return {
    onRequestStart: (...args) => handler.onRequestStart?.(...args),
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStarted: () => handler.onResponseStarted?.(),
    onRequestSent: () => handler.onRequestSent?.(),
    onBodySent(chunk) {
      // A stream may hand over text.
      bytes += Buffer.byteLength(chunk)
      handler.onBodySent?.(chunk)
    },
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData(controller, chunk) {
      bytes += chunk.byteLength
      handler.onResponseData?.(controller, chunk)
    },
    onResponseEnd(...args) {
      tell()
      handler.onResponseEnd?.(...args)
    },
    onResponseError(...args) {
      tell()
      handler.onResponseError?.(...args)
    },
  }
}
