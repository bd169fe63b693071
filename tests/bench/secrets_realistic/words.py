"""The words of which values, names and phrases are made."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NOUNS = _words("""apple river winter summer orange dragon monkey shadow silver golden garden coffee tiger planet rocket purple
    forest window bridge castle cookie panda falcon marble butter cherry sunset island mirror hunter guitar ocean
    pepper matrix soccer diamond thunder phoenix maverick wizard chicken banana hockey turtle velvet anchor blossom
    captain desert eclipse feather glacier harbor jungle lantern meadow nebula orchid pirate quartz raven saturn
    spring autumn welcome sunshine football princess master starwars batman freedom whatever ginger summerhouse
    computer internet liverpool arsenal yankees london berlin madrid moscow paris tokyo sydney houston dallas""")
FIRST_NAMES = _words("""john maria peter anna lukas sofia ivan olga carlos lucia pierre marie ahmed fatima raj priya chen wei yuki
    kenji tom sarah mike laura david emma jan eva paulo ana mehmet ayse nguyen linh pavel irina oscar julia""")
COMPANIES = _words("""initech globex umbra hooliware northwind contoso fabrikam tailspin litware adatum proseware wingtip acmecorp
    bluepeak redwood kestrel lumen vertex zenith orbital quantix novatel meridian arcadia""")
FOREIGN = _words("""passwort1 geheimnis schatz fussball bonjour soleil chocolat azerty contrasena amigos tequiero corazon estrella
    segredo brasil flamengo parola123 nadezhda spartak privet haslo1 kochanie polska sifre galatasaray heslo slunicko
    sakura hikari salasana lozinka jelszo minhasenha mojehaslo geheim88 wachtwoord1 motdepasse12""")
USERS = _words("""admin root deploy app backup jenkins ubuntu svc_app webmaster sa postgres reporting ci-bot dba operator
    monitor guest developer scott""")
HOSTS = _words("""db.internal mysql01.prod.local redis-master mail.initech.com smtp.globex.org ftp.northwind.net 10.0.3.17
    192.168.1.20 ec2-3-12-44-9.compute.amazonaws.com cluster0.mongodb.net rabbit.prod.svc ldap.contoso.com
    git.fabrikam.io sql.tailspin.net""")
OWNERS_OF_SECRETS = _words("""db mysql postgres redis smtp mail admin user root api app oauth github aws ftp ldap jwt session mongo rabbitmq
    stripe twilio client server service proxy wifi keystore truststore sonar nexus jenkins docker vpn""")
IDENTIFIERS = _words("""user config request params settings options client session account login form input result value data field
    context service manager provider handler response payload header state store model item entry profile auth
    current default base main remote local""")
WEAK = _words("""password admin root admin123 changeit postgres secret 123456 12345678 password123 test123 qwerty letmein guest
    mysql toor pass1234 Password1 P@ssw0rd welcome1 1234 pass raspberry minioadmin rootpassword secret123 passw0rd
    admin@123 administrator elastic sa tomcat alpine vagrant""")
PLACEHOLDERS = (
    *(
        "your-api-key",
        "YOUR_API_KEY",
        "your_password_here",
        "<your-token>",
        "<password>",
        "changeme",
        "CHANGE_ME",
    ),
    *("xxxxxxxx", "XXXXXXXXXXXXXXXX", "xxxx-xxxx-xxxx", "********", "REPLACE_ME", "replace-with-real-value"),
    *(
        "insert_your_token_here",
        "INSERT_KEY_HERE",
        "my-secret-key",
        "mysecretkey",
        "your-secret-key-here",
        "TODO",
    ),
    *(
        "example",
        "example-key",
        "<API_KEY>",
        "{your-key}",
        "[your token]",
        "enter-password",
        "ENTER_TOKEN_HERE",
    ),
    *(
        "yourpassword",
        "yourSecret",
        "<REDACTED>",
        "[REDACTED]",
        "...",
        "put_your_key_here",
        "YOUR-ACCESS-TOKEN",
    ),
    *(
        "set-me",
        "fixme",
        "none",
        "null",
        "undefined",
        "N/A",
        "placeholder",
        "dummy",
        "not-a-real-key",
        "FAKE_KEY",
    ),
    *(
        "my_password",
        "your_github_token",
        "YourStrongPassword",
        "<insert secret>",
        "sk_test_your_key",
        "PASTE_HERE",
    ),
    *(
        "your-256-bit-secret",
        "<secret>",
        "%PASSWORD%",
        "__TOKEN__",
        "@@PASSWORD@@",
        "<access-key-id>",
        "A_SECRET",
    ),
)
DUMMIES = (
    *(
        "foo",
        "bar",
        "test",
        "testing",
        "secret",
        "password",
        "token",
        "abc",
        "foobar",
        "baz",
    ),
    *(
        "dummy",
        "fake",
        "mock-token",
        "fake_token",
        "test-secret",
        "test_password",
        "mypassword",
        "some-token",
    ),
    *(
        "my-token",
        "some_secret",
        "the-password",
        "valid_token",
        "invalid-token",
        "expired_token",
        "new_password",
    ),
    *(
        "wrong password",
        "oldpass",
        "newpass",
        "pass",
        "pw",
        "key",
        "api-key",
        "apikey",
        "testkey",
        "test-key",
    ),
    *("bad-token", "access_token", "refresh_token", "client_secret", "user_password", "fake-api-key"),
    *(
        "testpassword",
        "not-so-secret",
        "super-secret",
        "supersecret",
        "topsecret",
        "hello",
        "anything",
        "unused",
    ),
)
MASKED = (
    "****",
    "******",
    "********",
    "*****************",
    "••••••••",
    "xxxxxx",
    "XXXXX-XXXXX",
    "[FILTERED]",
    "[hidden]",
    "<masked>",
    "--------",
)
DOCS_EXAMPLES = (
    "AKIA" + "IOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "00000000-0000-0000-0000-000000000000",
    "0123456789abcdef" * 2,
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOP",
    "deadbeef" * 4,
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "11111111-2222-3333-4444-555555555555",
)
PHRASES: dict[str, tuple[str, ...]] = {
    "en": (
        *(
            "Password",
            "Your password",
            "Forgot your password?",
            "Enter password",
            "Confirm password",
            "Secret key",
        ),
        *(
            "Passwords do not match",
            "Token expired",
            "Invalid API key",
            "Reset password",
            "Show password",
            "API Token",
        ),
        *(
            "The password is too short",
            "Access token",
            "Authentication failed",
            "Private key passphrase",
            "New password",
        ),
    ),
    "de": (
        "Passwort",
        "Kennwort vergessen?",
        "Ihr Kennwort",
        "Schlüssel",
        "Zugangstoken",
        "Passwort bestätigen",
        "Geheimnis",
    ),
    "fr": (
        "Mot de passe",
        "Mot de passe oublié ?",
        "Jeton d'accès",
        "Clé secrète",
        "Nouveau mot de passe",
        "Confirmez",
    ),
    "es": (
        "Contraseña",
        "Olvidé mi contraseña",
        "Clave secreta",
        "Token de acceso",
        "Nueva contraseña",
        "Repetir clave",
    ),
    "pt": ("Senha", "Esqueceu a senha?", "Chave secreta", "Nova senha", "Confirmar senha", "Senha atual"),
    "ru": (
        "Пароль",
        "Забыли пароль?",
        "Секретный ключ",
        "Новый пароль",
        "Подтвердите пароль",
        "Токен доступа",
    ),
    "zh": ("密码", "忘记密码?", "确认密码", "新密码", "访问令牌", "密钥"),
    "ja": ("パスワード", "パスワードをお忘れですか", "新しいパスワード", "アクセストークン", "秘密鍵"),
    "pl": ("Hasło", "Nie pamiętasz hasła?", "Nowe hasło", "Potwierdź hasło", "Klucz prywatny"),
    "nl": ("Wachtwoord", "Wachtwoord vergeten?", "Nieuw wachtwoord", "Geheime sleutel"),
    "it": ("Parola d'ordine", "Password dimenticata?", "Nuova password", "Chiave segreta"),
    "sv": ("Lösenord", "Glömt lösenordet?", "Nytt lösenord"),
    "tr": ("Parola", "Eski parola", "Yeni şifre"),
    "fi": ("Salasana", "Unohditko salasanasi?", "Uusi salasana"),
    "cs": ("Heslo", "Zapomenuté heslo", "Nové heslo"),
}
