import { describe, expect, it } from '@jest/globals'
import { CommandError } from '../../../kit/errors.ts'
import type { Command, Completed, Ports } from '../../../kit/ports.ts'
import { runScript } from '../../../kit/terraform/pre-run.ts'
import { openRoot, TerraformError, UNSETTLED } from '../../../kit/terraform/terraform.ts'
import { FakeExec, FakeFiles } from '../../support/fakes.ts'
import { makeWorld } from '../../actions/terraform-plan/fake-terraform.ts'

const TOOL = { name: 'terraform', path: '/bin/terraform', version: '1.11.4', origin: 'path' } as const
const PLAN = { varFiles: [], lockTimeoutSeconds: 5, out: '/temporary/tfplan', targets: [], destroy: false }

function makeRoot(answer: (command: Command) => Partial<Completed> = () => ({})) {
  const exec = new FakeExec(answer)
  const saved: string[] = []
  const state = { save: (name: string, value: string) => void saved.push(`${name}=${value}`) }
  const world = makeWorld({}, { exec, state })
  return { ...world, exec, saved, root: openRoot({ tool: TOOL, folder: '/r', environment: {} }, world.ports) }
}
const event = (diagnostic: Record<string, unknown>) => `${JSON.stringify({ type: 'diagnostic', diagnostic })}\n`
const BEGUN = `${UNSETTLED}={"tool":${JSON.stringify(TOOL)},"folder":"/r","outputFolder":"/temporary/slipway-terraform-1","since":${Date.UTC(2026, 10, 21)}}`

describe('a plan', () => {
  it('is limited to addresses and plans to destroy when it is told to', async () => {
    const { root, exec } = makeRoot()
    await root.plan({ ...PLAN, targets: ['a.b["x y"]', 'module.c'], destroy: true })
    expect(exec.commands[0]?.args.slice(-3)).toEqual(['-target=a.b["x y"]', '-target=module.c', '-destroy'])
    await root.plan(PLAN)
    expect(exec.commands[1]?.args.join(' ')).not.toMatch(/-target|-destroy/)
  })
})

describe('R26: a command that takes the lock', () => {
  it('is kept for the post step from its start to its own end, and may outlive this process', async () => {
    const { root, exec, saved, files } = makeRoot()
    await root.apply('/temporary/tfplan', 5, () => {})
    expect(saved).toEqual([BEGUN, `${UNSETTLED}=`])
    expect(exec.commands[0]).toMatchObject({ outputFolder: '/temporary/slipway-terraform-1', firstSignalOnly: true })
    expect(files.removed).toEqual(['/temporary/slipway-terraform-1'])
  })

  it('is kept when it was stopped', async () => {
    const { root, saved } = makeRoot(command => {
      throw new CommandError({ ...command, exitCode: 1, stderr: '', cancelled: true })
    })
    await expect(root.plan(PLAN)).rejects.toThrow(CommandError)
    expect(saved).toEqual([BEGUN])
  })

  it.each(['Error acquiring the state lock', 'Error releasing the state lock'])('is kept after "%s"', async summary => {
    const { root, saved } = makeRoot(({ args }) =>
      args[0] === 'apply' ? { exitCode: 1, stdout: event({ severity: 'error', summary, detail: '' }) } : {},
    )
    await expect(root.apply('/temporary/tfplan', 5, () => {})).rejects.toThrow(summary)
    expect(saved).toEqual([BEGUN])
  })

  it('is kept with the word that the state is not saved', async () => {
    const detail = 'the state has been written to the file "errored.tfstate" in the current working directory'
    const { root, saved } = makeRoot(({ args }) =>
      args[0] === 'apply' ? { exitCode: 1, stdout: event({ severity: 'error', summary: 'Failed', detail }) } : {},
    )
    await expect(root.apply('/temporary/tfplan', 5, () => {})).rejects.toThrow('Failed')
    expect(saved).toEqual([BEGUN, BEGUN.replace(/}$/, ',"isStateLeft":true}')])
  })

  it('says who has the lock that it did not get', async () => {
    const detail = 'x\nLock Info:\n  ID: 1\n  Who: ada@laptop\n'
    const { root } = makeRoot(() => ({
      exitCode: 1,
      stdout: event({ severity: 'error', summary: 'Error acquiring the state lock', detail }),
    }))
    await expect(root.plan(PLAN)).rejects.toMatchObject({
      hint: expect.stringMatching(/^ada@laptop works on this state/),
    })
  })
})

describe('a failed apply', () => {
  const failing =
    (show: Partial<Completed>) =>
    ({ args }: Command): Partial<Completed> =>
      args[0] === 'show'
        ? show
        : { exitCode: 1, stdout: event({ severity: 'error', summary: 'provisioner failed', detail: '' }) }

  it('names what the state marks as tainted, in modules too', async () => {
    const values = {
      root_module: {
        resources: [{ address: 'a.b', tainted: true }, { address: 'a.c' }],
        child_modules: [{ resources: [{ address: 'module.m.a.d', tainted: true }] }],
      },
    }
    const { root } = makeRoot(failing({ stdout: JSON.stringify({ values }) }))
    const error = await root.apply('/temporary/tfplan', 5, () => {}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TerraformError)
    expect((error as TerraformError).tainted).toEqual(['a.b', 'module.m.a.d'])
  })

  it.each([[{ exitCode: 1 }], [{ stdout: 'no JSON' }], [{ stdout: '{}' }]])(
    'is told of also when the state cannot be read (%j)',
    async show => {
      const { root } = makeRoot(failing(show))
      await expect(root.apply('/temporary/tfplan', 5, () => {})).rejects.toThrow('provisioner failed')
    },
  )
})

describe('a script before Terraform', () => {
  const inputs = { 'pre-run': 'scripts/zip it.sh', 'working-directory': '.' }

  it('is a file that bash runs in the root, with the credentials of Terraform, and no shell reads its name', async () => {
    const files = new FakeFiles({ 'scripts/zip it.sh': 'echo done' })
    const { exec, log, ports } = makeRoot(() => ({ stdout: 'packed\n' }))
    await runScript(inputs, '/workspace/infra', { AWS_REGION: 'eu-west-1' }, { ...ports, files } as Ports)
    expect(exec.commands).toMatchObject([
      {
        file: 'bash',
        args: ['--noprofile', '--norc', '/workspace/scripts/zip it.sh'],
        cwd: '/workspace/infra',
        env: { AWS_REGION: 'eu-west-1' },
      },
    ])
    expect(log.lines).toEqual(['Script scripts/zip it.sh', 'packed'])
  })

  it('is refused by name when it is not there', async () => {
    const { ports } = makeRoot()
    await expect(runScript(inputs, '/workspace/infra', {}, ports)).rejects.toThrow(
      'input "pre-run" is "scripts/zip it.sh": there is no such file',
    )
  })
})
