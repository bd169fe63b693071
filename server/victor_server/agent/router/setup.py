"""What to install or to set where no model is set up."""

from victor_server.errors import NoModel
from victor_server.settings.profiles import Profiles
from victor_server.settings.profiles_begun import WAYS


def nothing_set_up(profiles: Profiles) -> NoModel:
    """The error that says so: how to begin, or what keeps the file from naming a model."""
    if profiles.trouble:
        return NoModel(
            f"No model is set up: {profiles.file}, {profiles.trouble}.",
            f"Correct it. A profile is written like this:\n    {_line(WAYS[0].profile)}",
        )
    return NoModel("No model is set up.", _how_to_begin(profiles.file))


def in_markdown(profiles: Profiles) -> str:
    """The same where Markdown is shown: what is to be written can be copied."""
    if profiles.trouble:
        nothing = nothing_set_up(profiles)
        return f"{nothing.message}\n\nA profile is written like this:\n\n{_block(WAYS[0].profile)}"
    ways = "\n".join(
        f"**{way.name.capitalize()}**: {way.before}, and write\n\n{_block(way.profile)}" for way in WAYS
    )
    return f"No model is set up. Write one of these into `{profiles.file}`; it counts with the next question.\n\n{ways}"


def _how_to_begin(file: str) -> str:
    ways = "\n".join(f"  {way.name}: {way.before}, and write\n    {_line(way.profile)}" for way in WAYS)
    return (
        f"Write one of these into {file}:\n{ways}\n`victor models` says what there is and whether it answers."
    )


def _block(profile: str) -> str:
    return f"```yaml\nprofiles:\n  default: {profile}\n```\n"


def _line(profile: str) -> str:
    return f"profiles: {{default: {profile}}}"
