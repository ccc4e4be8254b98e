"""`dialtree provision tftp`: give phones their files by TFTP, beside a mirror that follows the directory."""

import click
from prometheus_client import CollectorRegistry, start_http_server

from services.commands.roles import ConfigFile, provision_role
from services.provision.answering import Answering
from services.provision.health import ProvisionHealth
from services.provision.rendering import Renderer
from services.provision.tftp import TftpFiles, TftpServer, bind
from shared.config import Config
from shared.errors import DialtreeError
from shared.metrics import Metrics
from shared.process import start_logging, stopped_by_signals
from shared.web import caller_of


@click.command()
@click.pass_obj
def tftp(file: ConfigFile) -> None:
    """Answer phones that ask by TFTP (DHCP options 66 and 150). The same files, for the same networks.

    It follows nothing by itself: `dialtree provision serve` or `mirror` runs on the same machine.

    \b
    Example:
      dialtree provision tftp
    """
    config = file.load("provision")
    start_logging(config.log_level)
    role = provision_role(config)
    reader, renderer, registry = role.reader(config), Renderer(config), CollectorRegistry()
    metrics = Metrics(role.name, reader, registry, ProvisionHealth())
    files = TftpFiles(
        Answering(renderer, reader, metrics, "tftp"), frozenset(model.folder for model in renderer.models)
    )
    caller = caller_of(config.provision)
    listener = bind(config.provision.tftp_listen)
    _show_metrics(config, registry)
    with stopped_by_signals() as stop:
        TftpServer(listener, files, lambda host: caller(host, None).allowed, metrics, config.provision.tftp_rate).run(
            stop
        )


def _show_metrics(config: Config, registry: CollectorRegistry) -> None:
    address = config.provision.tftp_metrics
    if address is None:
        return
    try:
        start_http_server(address.port, address.host, registry)
    except OSError as error:
        raise DialtreeError(f"{address} cannot be bound: {error.strerror}; change provision.tftp_metrics") from None
