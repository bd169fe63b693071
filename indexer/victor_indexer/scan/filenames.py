"""What a file's name alone says about it: files that hold secrets, files that are not text, folders of no interest."""

import re

VCS_FOLDERS = frozenset({".git", ".hg", ".svn", ".bzr", ".jj"})
"""Never looked into, whatever any rule says."""

DEFAULT_FOLDERS = (
    ".venv",
    "__pycache__",
    "node_modules",
    "bower_components",
    ".cache",
    ".direnv",
    ".eggs",
    ".gradle",
    ".mypy_cache",
    ".next",
    ".nox",
    ".nuxt",
    ".parcel-cache",
    ".pytest_cache",
    ".ruff_cache",
    ".svelte-kit",
    ".terraform",
    ".tox",
    ".turbo",
    ".yarn",
)
"""Left out where no version control says what belongs to the work and what was fetched or built."""

DEFAULT_MARKERS = ("pyvenv.cfg", "CACHEDIR.TAG")
"""A folder with such a file in it is a virtual environment or a cache, whatever its own name."""

_SECRET = re.compile(
    r"""
    (?P<env>      \.env (?:rc)? | \.env\.(?!(?:example|sample|template|dist|defaults?|schema)\Z|.*\.(?:example|sample|template|dist)\Z).+
                  | (?!(?:example|sample|template|dist)\.).+\.env )
  | (?P<key>      .+\.(?:pem|key|p12|pfx|p8|jks|keystore|kdbx?|ppk|gpg|pgp|ovpn|agekey) )
  | (?P<ssh>      id_(?:rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk)(?:[._-](?!pub\Z).*)? )
  | (?P<login>    \.(?:netrc|npmrc|yarnrc\.yml|pypirc|pgpass|my\.cnf|htpasswd|git-credentials|dockercfg|dockerconfigjson|s3cfg|boto)
                  | _netrc | htpasswd | credentials | credentials\.(?:json|ya?ml|toml|ini|csv|xml|txt)
                  | client_secrets?(?:[._-].*)?\.json | service[_-]account(?:[._-].*)?\.json
                  | secrets?\.(?:json|ya?ml|toml|ini|env|properties)
                  | \.vault[_-]pass(?:word)?(?:\.txt)? | terraform\.tfvars | .+\.auto\.tfvars | .+\.tfstate(?:\.backup)? )
    """,
    re.VERBOSE | re.DOTALL,
)
_SECRET_RULES = {"env": ".env*", "key": "*.pem, *.key, …", "ssh": "id_*", "login": "credentials, .netrc, …"}

_BINARY_TABLE = """
pictures   png jpg jpeg gif bmp ico icns tif tiff webp avif heic psd xcf raw cr2 nef dds tga exr hdr ktx
sound      mp3 wav ogg oga opus flac aac m4a aiff mid midi
film       mp4 m4v mov avi mkv webm mpg mpeg wmv flv 3gp swf
archives   zip gz tgz bz2 tbz2 xz txz zst lz lz4 lzma br rar 7z tar cab ar
packages   jar war ear aar apk aab ipa deb rpm msi whl egg gem nupkg crate vsix xpi snap flatpak
disks      dmg iso img vhd vmdk qcow2
fonts      ttf otf woff woff2 eot pfb pfm ttc
objects    o obj a lib so dll dylib exe pdb ilk exp ko bin elf gch pch nib
byte-code  pyc pyo pyd class dex beam elc wasm bc rlib rmeta
documents  pdf doc docx xls xlsx ppt pptx odt ods odp rtf epub mobi djvu
data       db sqlite sqlite3 db3 mdb accdb ldb sst rdb parquet feather arrow orc avro mo gmo
arrays     npy npz mat h5 hdf5 nc pkl pickle joblib onnx pt pth ckpt safetensors gguf ggml tflite caffemodel
scenes     blend fbx glb stl 3ds unitypackage uasset umap pak
maps       shp shx dbf mbtiles
"""
_BINARY_EXTENSIONS = frozenset(word for line in _BINARY_TABLE.splitlines() for word in line.split()[1:])


def left_out(name: str) -> tuple[str, str] | None:
    """(reason, rule) for a file that its name alone keeps out of the index; None for all others."""
    lower = name.lower()
    secret = _SECRET.fullmatch(lower)
    if secret is not None:
        return "secret_file", f"name:{_SECRET_RULES[secret.lastgroup or 'login']}"
    _, dot, extension = lower.rpartition(".")
    if dot and extension in _BINARY_EXTENSIONS:
        return "binary", f"extension:.{extension}"
    return None
