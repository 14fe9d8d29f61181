import { Hono } from 'hono'
import type { ApiDependencies, ApiEnv } from './dependencies.ts'
import { errorResponse } from './error-response.ts'
import { ApiError } from './errors.ts'
import { createKeyGuesses } from './key-guesses.ts'
import { authenticate, authorize, requireAccessOfAll } from './middleware/authenticate.ts'
import { closeWhileDraining } from './middleware/close-while-draining.ts'
import { codecCors } from './middleware/codec-cors.ts'
import { crossOrigin } from './middleware/cross-origin.ts'
import { loopbackGuard } from './middleware/loopback-guard.ts'
import { guardMethods, refuseHead } from './middleware/method-guard.ts'
import { rateLimit } from './middleware/rate-limit.ts'
import { requestContext } from './middleware/request-context.ts'
import { requestLog } from './middleware/request-log.ts'
import { requestMetrics } from './middleware/request-metrics.ts'
import { requireHttps } from './middleware/require-https.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import { shareOfText } from './middleware/share-of-text.ts'
import { WEBHOOK_PATHS, webhookAllowlist } from './middleware/webhook-allowlist.ts'
import { createQueryPlanner } from './queries/plan-query.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { redactText } from './redact-text.ts'
import { createAdminRoutes } from './routes/admin.ts'
import { createAnalyticsRoutes } from './routes/analytics.ts'
import { createApiKeyRoutes } from './routes/api-keys.ts'
import { createAuditLogRoute } from './routes/audit-log.ts'
import { createBulkJobResultsRoute } from './routes/bulk-job-results.ts'
import { createBulkJobRoutes } from './routes/bulk-jobs.ts'
import { createBulkQueryResultsRoute } from './routes/bulk-query-results.ts'
import { createChangeSubscriptionRoutes } from './routes/change-subscription.ts'
import { createCodecRoutes } from './routes/codec.ts'
import { createConnectionAnalyticsRoutes } from './routes/connection-analytics.ts'
import { createConnectionRoutes } from './routes/connections.ts'
import { createBulkJobRoute } from './routes/create-bulk-job.ts'
import { createDeliveryRoutes } from './routes/deliveries.ts'
import { createEnhancedAnalyticsRoute } from './routes/enhanced-analytics.ts'
import { createEventStreamRoute } from './routes/event-stream.ts'
import { createHealthRoutes } from './routes/health.ts'
import { createLegacyBulkJobRoutes } from './routes/legacy-bulk-jobs.ts'
import { createLegacyCustomObjectRoutes } from './routes/legacy-custom-objects.ts'
import { createLegacyObjectQueryRoute } from './routes/legacy-object-query.ts'
import { createLegacyWebhookRoutes } from './routes/legacy-webhooks.ts'
import { createMetadataRefreshRoutes } from './routes/metadata-refreshes.ts'
import { createMirrorRoutes } from './routes/mirror.ts'
import { createNotificationChannelRoutes } from './routes/notification-channels.ts'
import { createNotificationMessageRoutes } from './routes/notification-messages.ts'
import { createNotificationRuleRoutes } from './routes/notification-rules.ts'
import { createObjectQueryRoute } from './routes/object-query.ts'
import { createObjectRoutes } from './routes/objects.ts'
import { createOutboundMessageRoutes } from './routes/outbound-messages.ts'
import { createQueryRoutes } from './routes/queries.ts'
import { createRealtimeRoute } from './routes/realtime.ts'
import { createReferenceRoutes } from './routes/reference.ts'
import { createReplayRoutes } from './routes/replays.ts'
import { createRetryBulkJobRoute } from './routes/retry-bulk-job.ts'
import { createSalesforceOauthRoutes } from './routes/salesforce-oauth.ts'
import { createSalesforceOauthCallbackRoutes } from './routes/salesforce-oauth-callback.ts'
import { createSessionRoutes } from './routes/sessions.ts'
import { createSteerBulkJobRoutes } from './routes/steer-bulk-job.ts'
import { createStoredAnalyticsRoutes } from './routes/stored-analytics.ts'
import { createSubscriptionRoutes } from './routes/subscriptions.ts'
import { createWebhookEventRoutes } from './routes/webhook-events.ts'
import { createWebhookIntakeRoutes } from './routes/webhook-intake.ts'
import { createWebhookIntakeSettingsRoutes } from './routes/webhook-intake-settings.ts'
import { createIntake } from './staging/accept-bulk-job.ts'
import { createDescribeLookup } from './staging/describe-lookup.ts'
import { createRetrier } from './staging/retry-bulk-job.ts'
import { createStager } from './staging/stage-bulk-job.ts'
import { isDatabaseUnavailable } from './unavailable.ts'
import { createEventWriter } from './webhooks/event-writer.ts'
import { createIntakeSources } from './webhooks/intake-sources.ts'
import { createStoreIntakes } from './webhooks/store-intakes.ts'

/** The HTTP API, without a socket. */
export function createApp(deps: ApiDependencies): Hono<ApiEnv> {
  const describes = createDescribeLookup(deps)
  const stager = createStager(deps, describes)
  const planner = createQueryPlanner(describes)
  const intake = createIntake(deps, stager)
  const app = new Hono<ApiEnv>()

  app.onError((error, c) => {
    const known = toApiError(error)
    const requestId = c.var.requestId ?? 'unknown'
    if (known.code === 'internal_error' || known.code === 'service_unavailable') {
      deps.logger.error({ err: error, requestId, path: redactText(c.req.path) }, 'request failed')
    }
    return errorResponse(known, c.req.path, requestId)
  })
  app.notFound((c) => {
    const error = new ApiError('not_found', 'There is nothing here. See /docs.')
    return errorResponse(error, c.req.path, c.var.requestId)
  })

  const { settings } = deps
  app.use(requestContext(deps), requestLog(settings), securityHeaders())
  if (deps.metrics !== undefined) app.use(requestMetrics(deps.metrics))
  app.use(closeWhileDraining(deps.drain))
  if (settings.httpsRequired) app.use(requireHttps(settings.trustedProxies))
  app.use('/v1/codec/*', codecCors(settings))
  if (settings.corsOrigins.length > 0) app.use(crossOrigin(settings.corsOrigins))
  if (settings.loopbackOnly) app.use(loopbackGuard(settings.corsOrigins))
  const webhooks = webhookAllowlist(settings.webhookAllowlist)
  for (const path of WEBHOOK_PATHS) app.use(path, webhooks)
  app.route('/', createHealthRoutes(deps))
  const limiter = createRateLimiter(deps.database.system.rateLimits, deps.logger)
  const sources = createIntakeSources(deps)
  const writer = createEventWriter({ store: createStoreIntakes(deps), logger: deps.logger })
  const webhookIntake = { sources, writer, limiter }
  // Before keys are asked for and requests counted: a webhook has a signature instead.
  app.route('/', createWebhookIntakeRoutes(deps, webhookIntake))
  app.route('/', createOutboundMessageRoutes(deps, webhookIntake))
  app.use(authenticate(deps, createKeyGuesses(deps, limiter)), rateLimit(limiter, settings))
  app.use(authorize(), shareOfText(settings))
  refuseHead(app)
  app.route('/', createLegacyBulkJobRoutes(deps, intake))
  app.route('/', createBulkJobRoute(deps, intake))
  app.route('/', createBulkJobRoutes(deps))
  app.route('/', createBulkJobResultsRoute(deps))
  app.route('/', createRetryBulkJobRoute(deps, createRetrier(deps, intake)))
  app.route('/', createSteerBulkJobRoutes(deps, intake))
  app.route('/', createLegacyObjectQueryRoute(deps, planner))
  app.route('/', createObjectQueryRoute(deps, planner))
  app.route('/', createQueryRoutes(deps, planner))
  app.route('/', createBulkQueryResultsRoute(deps))
  app.route('/', createApiKeyRoutes(deps))
  app.route('/', createSessionRoutes(deps))
  app.route('/', createAuditLogRoute())
  app.route('/', createConnectionRoutes(deps))
  app.route('/', createMirrorRoutes(deps))
  app.route('/', createWebhookIntakeSettingsRoutes(deps, sources))
  app.route('/', createSalesforceOauthRoutes(deps))
  app.route('/', createSalesforceOauthCallbackRoutes(deps))
  app.route('/', createLegacyWebhookRoutes(deps))
  app.route('/', createSubscriptionRoutes(deps))
  app.route('/', createChangeSubscriptionRoutes(deps))
  // Before the route of one event, of which it would be the id.
  app.route('/', createEventStreamRoute(deps))
  app.route('/', createWebhookEventRoutes(deps))
  app.route('/', createRealtimeRoute())
  app.route('/', createEnhancedAnalyticsRoute(deps))
  app.route('/', createAnalyticsRoutes())
  app.route('/', createStoredAnalyticsRoutes())
  app.route('/', createConnectionAnalyticsRoutes(deps))
  app.route('/', createAdminRoutes(deps))
  app.route('/', createDeliveryRoutes(deps))
  app.route('/', createReplayRoutes(deps))
  app.route('/', createNotificationChannelRoutes(deps))
  app.route('/', createNotificationRuleRoutes(deps))
  app.route('/', createNotificationMessageRoutes())
  app.route('/', createLegacyCustomObjectRoutes(deps, describes))
  app.route('/', createObjectRoutes(deps, describes))
  app.route('/', createMetadataRefreshRoutes(deps))
  app.route('/', createCodecRoutes(deps))
  app.route('/', createReferenceRoutes())
  requireAccessOfAll(app)
  guardMethods(app)
  return app
}

/** What a caller may know of any error. */
function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (isDatabaseUnavailable(error)) {
    return new ApiError('service_unavailable', 'The database does not answer. Try again soon.', {
      headers: { 'retry-after': '2' },
      cause: error,
    })
  }
  const message = 'Something went wrong here. The log holds the cause under this request id.'
  return new ApiError('internal_error', message, { cause: error })
}
