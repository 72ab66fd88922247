"""Mails to customers: what they look like (`render`), and how they leave (`smtp`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wms_terminal.integrations.mail.render import Render, open_renderer
from wms_terminal.integrations.mail.smtp import SmtpMailer, open_mailer
from wms_terminal.ports.channel import Secret

PASSWORD = "smtp-password"
"""The secret with the password of the mail server's user."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The site's `[mail]`, as the store keeps it."""

    sender: str
    smtp: str
    reply_to: str = ""
    templates: str = ""

    @classmethod
    def read(cls, setting: Callable[[str], str]) -> MailSettings:
        """The settings, by their names."""
        return cls(*(setting(f"mail.{name}") for name in ("from", "smtp", "reply_to", "templates")))

    def renderer(self) -> Render:
        """Who writes mails.

        Raises:
            ValueError: the sender is no address, or the folder of templates is not there.
        """
        return open_renderer(self.sender, reply_to=self.reply_to, templates=self.templates)

    def mailer(self, secret: Secret) -> SmtpMailer:
        """Who takes them along; it does not connect yet.

        Raises:
            ValueError: the address of the server is not good, or the password is not there.
        """
        return open_mailer(self.smtp, secret, PASSWORD)
