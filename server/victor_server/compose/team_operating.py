"""Begins what a backend says of itself to those who run it: its log, and spans where they are wanted."""

from collections.abc import Callable

from victor_server import __version__
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.telemetry.log_lines import start_log


def begin_operating(settings: TeamSettings, replica: str) -> Callable[[], None]:
    """Log and trace from now on; call what is returned at the end, which sends what is left."""
    log = settings.logging
    end_log = start_log(log.level, log.format, log.output, {"replica": replica})
    if not settings.tracing.enabled:
        return end_log
    from victor_server.telemetry.tracing_start import start_tracing

    end_tracing = start_tracing(
        settings.tracing.endpoint, version=__version__, replica=replica, labels=settings.metrics.labels
    )

    def end() -> None:
        end_tracing()
        end_log()

    return end
