/** Ansible's name of the plugin, which is that of its file. */
export const CALLBACK_NAME = 'slipway_events'

/** Variable that tells the plugin where to write. */
export const EVENTS_VARIABLE = 'SLIPWAY_ANSIBLE_EVENTS'

/**
 * A callback plugin that writes what happened as JSON lines to a file (`events.ts` reads them), and lets Ansible's own
 * default write the log. ansible-core has no callback that writes JSON (`ansible.posix.json` is of another package), and its
 * text is for people. Callbacks get results after `no_log` was applied; but the default one of 2.19 prints the message of
 * the failure of such a task all the same, which is taken away here. Runs on ansible-core 2.14 and newer. API:
 * https://docs.ansible.com/ansible-core/2.19/dev_guide/developing_plugins.html#callback-plugins
 */
export const CALLBACK = `from __future__ import annotations

import json
import os

from ansible.plugins.callback.default import CallbackModule as Default

DOCUMENTATION = """
name: ${CALLBACK_NAME}
type: stdout
short_description: Ansible's default output, and JSON lines in a file
description: [Writes results that changed something or failed, and the recap.]
extends_documentation_fragment: [default_callback, result_format_callback]
"""

COUNTS = (("ok", "ok"), ("changed", "changed"), ("unreachable", "dark"), ("failed", "failures"),
          ("skipped", "skipped"), ("rescued", "rescued"), ("ignored", "ignored"))


class CallbackModule(Default):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "${CALLBACK_NAME}"

    def __init__(self):
        super().__init__()
        self.play_name = ""
        self.events = open(os.environ["${EVENTS_VARIABLE}"], "a", encoding="utf-8")

    def write(self, **event):
        self.events.write(json.dumps(event, default=str) + "\\n")
        self.events.flush()

    def told(self, result, outcome, ignored=False, item=False):
        values = result._result
        task = result._task
        hidden = "censored" in values
        message = values.get("msg") or ""
        label = values.get("_ansible_item_label", values.get("item"))
        self.write(
            event="result",
            outcome=outcome,
            play=self.play_name,
            host=result._host.get_name(),
            task=f"{task._role.get_name()}: {result.task_name}" if task._role else result.task_name,
            module=task.action,
            place=task.get_path() or "",
            ignored=bool(ignored),
            item=item,
            label="" if hidden or not item or label is None else str(label),
            message="" if hidden else message if isinstance(message, str) else json.dumps(message, default=str),
            stderr="" if hidden else str(values.get("stderr") or values.get("module_stderr") or ""),
            hidden=hidden,
        )

    def _handle_exception(self, result, use_stderr=False):
        if "censored" in result:
            result.pop("exception", None)
        super()._handle_exception(result, use_stderr=use_stderr)

    def v2_playbook_on_play_start(self, play):
        self.play_name = play.get_name().strip()
        super().v2_playbook_on_play_start(play)

    def v2_playbook_on_no_hosts_matched(self):
        self.write(event="no-hosts", play=self.play_name)
        super().v2_playbook_on_no_hosts_matched()

    def v2_runner_on_ok(self, result):
        if result.is_changed():
            self.told(result, "changed")
        super().v2_runner_on_ok(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.told(result, "failed", ignore_errors)
        super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_on_unreachable(self, result):
        self.told(result, "unreachable", getattr(result._task, "ignore_unreachable", False))
        super().v2_runner_on_unreachable(result)

    def v2_runner_item_on_failed(self, result):
        self.told(result, "failed", getattr(result._task, "ignore_errors", False), item=True)
        super().v2_runner_item_on_failed(result)

    def v2_playbook_on_stats(self, stats):
        hosts = {
            host: {name: getattr(stats, attribute).get(host, 0) for name, attribute in COUNTS}
            for host in sorted(stats.processed)
        }
        self.write(event="recap", hosts=hosts)
        super().v2_playbook_on_stats(stats)
`
