import { runAction } from '#kit/action'
import { githubHost } from '#kit/adapters/host-github'
import { withOutputs, ActionError } from '#kit/errors'
import { oneOf, secret, text } from '#kit/inputs'

/** An action for the tests of the GitHub host; `do` says what it does. */
await runAction(
  {
    name: 'host-entry',
    inputs: {
      do: oneOf('echo', 'annotate', 'fail', 'throw', 'child'),
      text,
      token: secret,
    },
    outputs: ['echoed', 'leaked'],
    async main(inputs, ports) {
      const { log, exec, state, summary } = ports
      state.save('note', 'kept')
      if (inputs.do === 'annotate') {
        for (let index = 1; index <= 15; index++) {
          log.notice(`notice ${index}`)
          log.warning(`warning ${index}`, { file: 'main.tf', line: index })
          log.error(`error ${index}`)
        }
        throw new ActionError('the reason')
      }
      if (inputs.do === 'fail') throw withOutputs(new ActionError('red'), { echoed: 'known', leaked: '' })
      if (inputs.do === 'throw') throw new Error('a bug')
      if (inputs.do === 'child')
        await exec.run({
          file: process.execPath,
          args: ['-e', 'console.log("child", process.pid); setInterval(() => {}, 1000)'],
          onStdoutLine: line => log.info(line),
        })
      await summary.write(`# ${inputs.text}`)
      log.info(inputs.text)
      return { echoed: inputs.text, leaked: `before ${inputs.token} after` }
    },
    async post(read, { log }) {
      log.info(`post with ${read('note')}`)
    },
  },
  githubHost(),
)
