"""Keys of Microsoft Azure: most carry a signature in the middle, near the end."""

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import is_placeholder, judge_token, looks_random
from victor_server.secrets.rule import format_rule
from victor_server.secrets.rules.named import judge_shape, named_rule

_ASSIGNED = r"[\"']?\s{0,2}[=:]\s{0,2}[\"']?"
_N_RANDOM = 52
_64_BYTES = r"[A-Za-z0-9+/]{86}=="
MIN_VARIETY_OF_KEY = 16
_32_BYTES = r"[A-Za-z0-9+/]{43}="


def _judge_signature(value: str) -> Tier | None:
    return None if is_placeholder(value) or not looks_random(value) else "certain"


def _judge_client_secret(value: str) -> Tier | None:
    """Three of the four sorts of characters at least, as a password of 40 drawn ones has."""
    sorts = (any(map(kind, value)) for kind in (str.islower, str.isupper, str.isdigit))
    return judge_token(value) if all(sorts) else None


def _judge_base64_key(value: str) -> Tier | None:
    """Made of many different characters, as what was drawn at random is."""
    return judge_token(value) if len(set(value)) >= MIN_VARIETY_OF_KEY else None


def _judge_annotated(value: str) -> Tier | None:
    """What precedes the annotation, which is mostly a run of A."""
    return judge_token(value[:_N_RANDOM])


RULES = (
    format_rule(
        "azure-cosmos-key",
        "Azure Cosmos DB Account Key",
        "documents.azure.com cosmos.azure.com",
        rf"(?i:accountkey){_ASSIGNED}(?P<value>{_64_BYTES})",
        judge=_judge_base64_key,
    ),
    format_rule(
        "azure-storage-key",
        "Azure Storage Account access key",
        "accountkey",
        rf"(?i:AccountKey){_ASSIGNED}(?P<value>{_64_BYTES})",
        judge=_judge_base64_key,
        bounded=False,
    ),
    format_rule(
        "azure-storage-key",
        "Azure Storage Account access key",
        "+ast",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]==(?![A-Za-z0-9+/=])",
    ),
    format_rule(
        "azure-cosmos-key",
        "Azure Cosmos DB Account Key",
        "acdb",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{76}ACDb[A-Za-z0-9+/]{5}[AQgw]==(?![A-Za-z0-9+/=])",
    ),
    format_rule(
        "azure-batch-key",
        "Azure Batch Account Key",
        "+aba",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{76}\+ABa[A-Za-z0-9+/]{5}[AQgw]==(?![A-Za-z0-9+/=])",
    ),
    format_rule(
        "azure-apim-key",
        "Azure API Management Key",
        "apim",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{76}APIM[A-Za-z0-9+/]{5}[AQgw]==(?![A-Za-z0-9+/=])",
    ),
    named_rule(
        "azure-cosmos-key", "Azure Cosmos DB Account Key", "cosmos documentdb", _64_BYTES, judge=_judge_base64_key
    ),
    named_rule(
        "azure-storage-key",
        "Azure Storage Account access key",
        "accountkey account_key storagekey storage_key storage-key storage_account azure_storage azurestorage "
        "azure-storage core.windows.net storageaccount",
        _64_BYTES,
        judge=_judge_base64_key,
    ),
    format_rule(
        "azure-shared-access-key",
        "Azure Shared Access Key",
        "sharedaccesskey shared_access_key",
        rf"(?i:Shared_?Access_?Key){_ASSIGNED}(?P<value>{_32_BYTES})",
        bounded=False,
    ),
    format_rule(
        "azure-shared-access-key",
        "Azure Shared Access Key",
        "+asb +aeh +arm aiot",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{33}(?:\+ASb|\+AEh|\+ARm|AIoT)[A-P][A-Za-z0-9+/]{5}=(?![A-Za-z0-9+/=])",
    ),
    named_rule(
        "azure-shared-access-key",
        "Azure Shared Access Key",
        "servicebus eventhub event_hub iothub iot_hub notificationhub azure_relay azure-devices.net sharedaccess",
        _32_BYTES,
        judge=_judge_base64_key,
    ),
    format_rule(
        "azure-redis-key",
        "Azure Cache for Redis Key",
        "azca",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{33}AzCa[A-P][A-Za-z0-9+/]{5}=(?![A-Za-z0-9+/=])",
    ),
    format_rule(
        "azure-ml-key",
        "Azure Machine Learning Key",
        "+amc",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{33}\+AMC[A-P][A-Za-z0-9+/]{5}=(?![A-Za-z0-9+/=])",
    ),
    format_rule(
        "azure-container-registry-key",
        "Azure Container Registry Key",
        "+acr",
        r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}",
    ),
    format_rule("azure-search-key", "Azure AI Search Key", "azse", r"[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}"),
    format_rule(
        "azure-function-key",
        "Azure Functions Key",
        "azfu",
        r"(?<![\w-])[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==(?![A-Za-z0-9+/=])",
    ),
    named_rule(
        "azure-function-key",
        "Azure Functions Key",
        "azurewebsites.net x-functions-key functions_key function_key",
        r"[A-Za-z0-9_/-]{53,54}==",
        judge=_judge_base64_key,
    ),
    format_rule(
        "azure-sas-token",
        "Azure SAS Token",
        "sig=",
        r"(?<=[?&;])sig=(?P<value>[A-Za-z0-9%/+]{40,80}(?:%3[dD]|=)|[A-Za-z0-9_-]{43})(?![\w%/+-])",
        judge=_judge_signature,
    ),
    format_rule(
        "azure-client-secret",
        "Azure Client Secret",
        "7q~ 8q~",
        r"(?<![\w.~-])[\w.~-]{3}(?:8Q~[\w.~-]{34}|7Q~[\w.~-]{31})(?![\w.~-])",
        judge=_judge_client_secret,
    ),
    format_rule(
        "azure-devops-token",
        "Azure DevOps Personal Access Token",
        "azdo",
        r"[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{19}AZDO[A-Za-z0-9]{4}|[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
        judge=_judge_annotated,
    ),
    named_rule(
        "azure-devops-token",
        "Azure DevOps Personal Access Token",
        "azure_devops azuredevops azure-devops dev.azure.com visualstudio.com ado_ azdo vsts system_accesstoken "
        "tfs_ vss_nuget",
        r"[a-z2-7]{52}",
    ),
    format_rule(
        "azure-openai-key",
        "Azure AI Services Key",
        "jqqj9",
        r"[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9][A-L][A-Za-z0-9]{16}[A-Za-z][A-Za-z0-9]{7}(?:[A-Za-z0-9]{2}==)?",
        judge=_judge_annotated,
    ),
    named_rule(
        "azure-openai-key",
        "Azure AI Services Key",
        "azure_openai azureopenai azure-openai openai.azure.com cognitiveservices cognitive_services azure_speech "
        "speech_key azure_translator translator_key textanalytics text_analytics computervision computer_vision "
        "azure_cognitive form_recognizer formrecognizer luis_ bing_",
        r"[0-9a-f]{32}",
    ),
    named_rule(
        "azure-apim-key",
        "Azure API Management Key",
        "ocp-apim-subscription-key ocp_apim azure-api.net apim_",
        r"[0-9a-f]{32}",
    ),
    named_rule(
        "azure-maps-key", "Azure Maps Key", "azure_maps azuremaps azure-maps atlas.microsoft.com", r"[A-Za-z0-9_-]{43}"
    ),
    named_rule(
        "azure-appinsights-api-key",
        "Azure Application Insights API Key",
        "applicationinsights.io appinsights_api appinsightsapi",
        r"[a-z0-9]{40}",
    ),
    format_rule(
        "azure-app-config-key",
        "Azure App Configuration Key",
        "azconfig.io",
        r"Endpoint=https://[\w-]{1,60}\.azconfig\.io;Id=[\w:/+=-]{1,80};Secret=(?P<value>[A-Za-z0-9+/]{43}=|[A-Za-z0-9]{84})",
        bounded=False,
    ),
    format_rule(
        "azure-communication-key",
        "Azure Communication Services Key",
        "communication.azure.com",
        r"(?i:endpoint)=https://[\w.-]{1,80}\.communication\.azure\.com/?;(?i:accesskey)=(?P<value>[A-Za-z0-9+/]{86}==|[A-Za-z0-9]{84})",
        bounded=False,
    ),
    format_rule(
        "azure-signalr-key",
        "Azure SignalR or Web PubSub Key",
        "service.signalr.net webpubsub.azure.com",
        r"(?i:endpoint)=https://[\w.-]{1,80}\.(?:service\.signalr\.net|webpubsub\.azure\.com)/?;(?i:accesskey)=(?P<value>[A-Za-z0-9+/]{43}=|[A-Za-z0-9]{84})",
        bounded=False,
    ),
    format_rule(
        "azure-logic-app-url",
        "Azure Logic App URL",
        "logic.azure.com",
        r"https://[\w.-]{1,80}\.logic\.azure\.com[:/][^\s\"'<>]{20,400}?[?&]sig=(?P<value>[A-Za-z0-9_-]{40,50})",
        judge=_judge_signature,
    ),
    format_rule(
        "azure-publish-password",
        "Azure Web App Publish Password",
        "userpwd",
        r"(?i:userPWD)=\"(?P<value>[A-Za-z0-9]{60})\"",
        judge=judge_shape,
    ),
)  # fmt: skip
