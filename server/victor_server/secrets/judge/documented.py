"""Keys that vendors print in their documentation: everybody has them, so they open nothing."""

from victor_server.secrets.finding import fingerprint

# SHA-1 of each, so that no key stands here.
_DOCUMENTED = frozenset(
    {
        # AWS documentation
        "25910f981e85ca04baf359199dd0bd4a3ae738b6",
        "d70eab08607a4d05faa2d0d6647206599e9abc65",
        "dca841883608b9ceb820871aa93588c5a0d68241",
        "1baa9968f9c6d470bb9957fd12fea784b7979650",
        "4bfc31b4fc45580cf54de00b69a1831aa44affb5",
        "4283ebd4fe8e41100063ee91ae46f317c02b8613",
        "553bd5d224a1ae7922e4f1f01288bf1b6591469f",
        # Azure emulators
        "589c2d30c725c063a05a59110ea5888a80a28f15",
        "726684b05966cd486e3461450ac94907c0b6709a",
        # Stripe
        "0cb62954c5feaf5379bfb79b8e0087953ec49b9c",
        "30629614e951d0c842d53d2e2a3725c5a74fa4c1",
        "098f1cfa96bfe0dd7e8a412b4241c1b637fa2e62",
        # JSON Web Tokens of RFC 7519, RFC 7515 and jwt.io
        "7c2b942492c98c64027fa4e086e4da71971ddf75",
        "0d0866c3e1e6b99a2976b0f698e8c3d8fe492a44",
        "53bc40803379c2a62eb20b7d7af295d94655efe7",
        "2ef6a5b760d44885208221311d95397b1156d625",
        # RFC 6749, 6750, 7617
        "fdc4bfab5c8ac6d737fa730ce87566fab224e274",
        "e3236319b9d6ec35de6761437c4c6055b23d611e",
        "0ed90c4654384e030ff5ad9fa484c4551116b675",
        "430ec1cc6032f5c25b67f504d4856490714d44ad",
        "3810f82231b07584a6fb27dc675a62d721a630ad",
        "09b84a3f2f0bcc32ba2e31dc783c0199663e859e",
        "0cdb723383eb144043424a4a254461658d887396",
        "526faecfe7033516a54a7740dd521b84667a3066",
        "65162cce640eb6c24d0ee6a771e6bc40898196e0",
        "f00b14a4764ea7e3b7c6cbd413990d11e1d6e81d",
        "13d399e0abd447c83b5162b858f0eea77703b216",
        # Slack
        "419a30eb7244958c81d573169cb83066bbf87d43",
        "384ff6f69f2093b7a3cc93d739a1eff60381f100",
        "b0d7c63d402c7f90cf4015e10cdf66dbf138a5ab",
        "13f544add6c9c7079c94edf625a5b0b9cdb52491",
        "2ed8ed763043a88014ef798edc3d180b748775b5",
        # Telegram
        "b4f0a45627fa95747b0e630f4d7c287f342fecdd",
        "163604a270f66fb3a456ca436ebdce1ff20c6fcc",
        "2096596a6ff2753945b2da7c6dc84541003b8358",
        # Discord
        "c9c192f3d923dd266f76bd108e57a2825131f4bf",
        "55c2b465e08d9b83c16e53d40ce215afe304de88",
        # GitHub
        "661d8537b677bab547cd6fa69cc9e1c41aa6fcb1",
        "12ddb3f1a9ab66c126102f1a711d7f85673f296c",
        "f60c28da34109cde9864110c38ead76ad1fd2ba3",
        "d95dc9fe60f494c3501ac738f3022a1286cede50",
        "034e2e423e2bdbabdc6eeb3757ae2f65ded4f7e1",
        # Google
        "68ecd55909eca54d037b14ff919788af657a6aa5",
        "b3059f156ca52c950a64e5b55a05d863d43db445",
        "2c562b369524158b8f681a606e3c1dfd8f9dc01f",
        # Cloudflare Turnstile's test keys
        "403694031ab3f4e922e048b1eed8e8572f543df1",
        "cac822eb65e58e3672fff81a40409d790164a842",
        "38a331deab3ac35585e6cb1755dd9fa70ae59046",
        # Supabase's local stack
        "8d216c4ec611ab5527d37d961968d9b35b318670",
        "ee6c3b62ef207d12592b908031061d02a2b4267b",
        "d164e37555acbcd0790baae5fc0093d2802005b4",
        # Mailgun, SendGrid, Twilio
        "238dc9424eb83cfb7dd97929b93891174dccd41c",
        "333610852de67fd33f8b7ed59759728cbd6e7eda",
        # MinIO's playground
        "561a71b6037ec4aecf6d49f635f34b6394bd40ef",
        "6304421daf81e20b28e699815fe4b304569a0356",
        # RFC 5849
        "c307084c993f5d3989585266d57f61bee8eeda07",
        "9011699dd01215f93e0cab6c2a7b49ddb00e1aeb",
        "763493823512332d64d4405702fae34e69183349",
        "6a2fcf40405ff211040d5629a942566904083400",
        "5166985ba90257d9a53359c539f78d3330565966",
        "847ea627d78978f860f9fade8fc49ceefba8aee1",
        "94eb204045c1e5f4b7319b189969cc01999567dc",
        "ac2faf6605d7d16b60fa9f99bab94459cb60f2f4",
        "a9032ed457d74a9fca1b9d6ae4a2c267d4df30bc",
        "d96e3a9e2bf5e0a83e9a38a7325f853899e2decf",
        # Firebase SDK for Android, its tests
        "aeba977081f557a09d006463272f938094c0c06c",
        "8604acf99b2143abfe6ba97c7090b647753b4132",
        "767249479854747822994556243a51de112076cb",
        "43dcc07885e54b573c9f085be3749107890e93ec",
        "adc4fbfaf2488c787b2f89853d45bd56e852914e",
        "c1f8b9a3dde3c3ab373b10c7d10a225f463925cd",
        "0a9d44f07d082fa470b4616092810da4e8773476",
        "dcccd786a73796604f63bdd023053bfedbf1d751",
        "b08e012d714a109ee96b34cc5a0c9c2e7ed8d769",
        "77aa1a965bd0f5ecccd9942ee140021b8ba568e2",
        "bd4ae5885a079c6a480184f7e21c9985f71b3c6a",
        "610254dd5fa43ed5acda8235b50e685002110553",
        "64a8ec96ff7c1f2a3ca6203f329822da1ac5d836",
        # Grafana
        "71f12d231565ffda2abbf2fd3b59bfff008c672d",
        # PyJWT
        "1e9892d7598409410e014b9f1c9838a3ed86b16f",
        "ef7b6d05bd75dade2124cb19ce0487bccc8a140c",
        # the local chains of Hardhat and Foundry
        "0738417b55905d283958aad3214022b2cf393911",
        "decb2f3d032bf00747bc25018f4a30bacd4c6b2e",
        "8ee08c52583f6381c175cdbcee94daf54e45e08d",
        "d61fef1878cd234025ec4f6aef3cc3559445d798",
        "532d69ef7c385e4fcaafe0fbbeb7d43d0c3f58dc",
        "c6f2bbd3db7e06d8a680b17b9f131b0ec4893e83",
        # Braintree
        "5e29861cb40a2c5f3072d7e6e8c33055aeb85fdf",
    }
)


def is_documented(value: str) -> bool:
    """Whether `value` is, to the letter, an example from a vendor's or standard's documentation, or an emulator's key."""
    return fingerprint(value) in _DOCUMENTED
