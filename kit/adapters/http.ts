import { HttpClient } from '@actions/http-client'
import { ActionError } from '../errors.ts'
import type { Http } from '../ports.ts'

const DEFAULT_TIMEOUT_MILLISECONDS = 30_000

/** Calls outside GitHub: the runner's proxies are used, redirects are not followed, nothing is sent twice. */
export function systemHttp(userAgent: string): Http {
  return {
    async request({ method, url, headers = {}, body, timeoutMilliseconds = DEFAULT_TIMEOUT_MILLISECONDS }) {
      const client = new HttpClient(userAgent, [], {
        allowRetries: false,
        allowRedirects: false,
        socketTimeout: timeoutMilliseconds,
      })
      try {
        const response = await client.request(method, url, body ?? null, { ...headers })
        return {
          status: response.message.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.message.headers).map(([name, value]) => [
              name,
              Array.isArray(value) ? value.join(', ') : (value ?? ''),
            ]),
          ),
          body: await response.readBody(),
        }
      } catch (cause) {
        // The URL's query may hold a credential, so only its host is named (rule R13).
        throw new ActionError(`${new URL(url).host} could not be reached`, { cause })
      } finally {
        client.dispose()
      }
    },
  }
}
