import { join } from 'node:path'
import { startRegistry, type Registry } from '../local-github/registry/registry.ts'

/** Of the story's repository; nobody's. A registry that is not GitHub's gets no token of a job. */
export const REGISTRY_SECRETS = {
  // Its value is hidden in logs wherever it stands: no word of the story.
  REGISTRY_USERNAME: 'image-robot',
  REGISTRY_PASSWORD: 'a-password-that-only-the-registry-of-the-demo-takes',
}

/** A registry that takes this login and no other. */
export function startDemoRegistry(folder: string): Promise<Registry> {
  return startRegistry({
    folder: join(folder, 'registry'),
    login: { user: REGISTRY_SECRETS.REGISTRY_USERNAME, password: REGISTRY_SECRETS.REGISTRY_PASSWORD },
  })
}
