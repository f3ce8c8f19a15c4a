import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import type { MachineTool } from './machine-tools.ts'
import { oneAtATime } from './one-at-a-time.ts'

/** The image that the story's servers boot from; moto knows it because we tell it. */
export const STORY_IMAGE = 'ami-0c0ffee0c0ffee000'

export const STATE_BUCKET = 'shop-terraform-state'

/** A root's backend on it: HCL of the `terraform` block, which asks for nothing that a local AWS has not. */
export const s3Backend = (key: string) => `terraform {
  backend "s3" {
    bucket                      = "${STATE_BUCKET}"
    key                         = "${key}"
    region                      = "us-east-1"
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
  }
}
`

const START_TIMEOUT_MILLISECONDS = 30_000

export interface LocalAws {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  close(): Promise<void>
}

/** Starts moto on a free port of this machine, with the story's image and the bucket for Terraform's state. */
export async function startLocalAws(moto: MachineTool, folder: string, signal?: AbortSignal): Promise<LocalAws> {
  const images = join(folder, 'images.json')
  await writeFile(images, JSON.stringify([image()]))
  const port = await freePort()
  const child = spawn(moto.path, ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    detached: true,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      MOTO_AMIS_PATH: images,
      MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
    },
  })
  const exited = once(child, 'exit')
  const queue = await oneAtATime(port)
  const close = async () => {
    await queue.close()
    if (child.exitCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL')
      await exited
    }
  }
  const { url } = queue
  try {
    await answering(url, child, signal)
    const made = await fetch(`${url}/${STATE_BUCKET}`, {
      method: 'PUT',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request' },
    })
    if (!made.ok) throw new Error(`moto did not make the bucket ${STATE_BUCKET}: status ${made.status}`)
  } catch (error) {
    await close()
    throw error
  }
  return { url, close }
}

async function answering(url: string, child: { exitCode: number | null }, signal?: AbortSignal): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MILLISECONDS
  while (Date.now() < end) {
    signal?.throwIfAborted()
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode} instead of starting`)
    const up = await fetch(`${url}/moto-api/data.json`).then(
      response => response.ok,
      () => false,
    )
    if (up) return
    await sleep(100)
  }
  throw new Error(`moto did not answer within ${START_TIMEOUT_MILLISECONDS / 1000} s`)
}

/** In the form that moto reads its images in. */
function image(): Record<string, unknown> {
  return {
    architecture: 'x86_64',
    ami_id: STORY_IMAGE,
    image_location: 'amazon/story-image',
    image_type: 'machine',
    public: true,
    owner_id: '099720109477',
    platform: 'Linux',
    state: 'available',
    description: 'The image of the demo',
    hypervisor: 'xen',
    name: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261101',
    root_device_name: '/dev/sda1',
    root_device_type: 'ebs',
    sriov: 'simple',
    virtualization_type: 'hvm',
  }
}
