"""Puts the operator's own labels at every series that is exposed, and shows a series under a second name."""

import copy
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.samples import Sample


class Exposed(CollectorRegistry):
    """What `registry` collects, with `labels` added; a label of a series' own wins. When each series was made is left
    out: that would be a third of everything.
    """

    def __init__(self, registry: CollectorRegistry, labels: Mapping[str, str]) -> None:
        super().__init__(auto_describe=False)
        self._inner = registry
        self._added = labels
        self._second: dict[str, str] = {}

    def also_as(self, name: str, second: str) -> None:
        """Show the series `name` as `second`, too."""
        self._second[name] = second

    def collect(self) -> Iterator[Metric]:
        """See `CollectorRegistry`."""
        for metric in self._inner.collect():
            yield self._labelled(metric, metric.name)
            second = self._second.get(metric.name)
            if second:
                yield self._labelled(metric, second)

    def _labelled(self, metric: Metric, name: str) -> Metric:
        made = copy.copy(metric)
        made.name = name
        made.samples = [
            Sample(
                name + each.name.removeprefix(metric.name),
                {**self._added, **each.labels},
                each.value,
                each.timestamp,
                each.exemplar,
            )
            for each in metric.samples
            if not each.name.endswith("_created")
        ]
        return made
