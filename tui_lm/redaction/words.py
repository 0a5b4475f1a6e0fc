"""Words in many languages that describe a number near them: regular expressions, separated by spaces."""

from __future__ import annotations

# A phone, or its use.
PHONE = r"""
t[eé]l(?:[eé]f\w*|[eé]ph\w*)? phone\w* call(?:ed|ing)? ring reach mobile? mobil\w*
cell(?:ulare?)? whats?app fax sms text dial contact handy\w* rufnummer ruf anruf\w* erreichbar
portable appel\w* joindre ll[aá]ma\w* m[oó]vil cel celular chiama\w* ligu?[ae]\w* telem[oó]vel
fone tlf bel mobiel dzwo[nń]\w* zadzwo[nń] kom ara\w* viber signal telegram тел\w* звон\w*
позвон\w* мобил\w* फ़ोन फोन कॉल मोबाइल هاتف\w* جوال\w* اتصل\w* טלפון נייד τηλ\w* κινητ[οό]
"""
PHONE_UNSPACED = "电话 手机 電話 携帯 微信 전화 핸드폰 โทร เบอร์"

# A number: a phone number or another one.
NUMBER = r"""
number num nummer nr no num[eéè]ro numar\w* номер\w* नंबर नम्बर رقم\w* מספר 号码 號碼 번호
"""

# Something other than a phone that has a number.
IDENTIFIER = r"""
order ordered invoice receipt tracking parcel package ticket case ref reference booking pnr
confirmation customer\s(?:id|no|number) member account serial sku ean isbn issn doi imei item
article model ids? barcode upc vin policy claim passport licen[cs]e timestamp epoch unix version
build commit pid port isin wkn vat iban bsr lottery lotto score folio mod bestell\w*
kundennummer kd-?nr auftrag\w* rechnung\w* sendungs?\w* paket\w* artikel\w* vorgang\w*
aktenzeichen steuer\w* commande facture colis dossier r[eé]f[eé]rence s[eé]rie siret pedido
factura env[ií]o referencia expediente nif ordine fattura spedizione pratica encomenda fatura
zam[oó]wieni\w* paczk\w* faktur\w* sipari[sş] kargo заказ\w* накладн\w* посылк\w* сч[её]т\w*
трек\w* ऑर्डर فاتورة الفاتورة طلب
"""
IDENTIFIER_UNSPACED = "订单 訂單 单号 單號 快递 会议号 會議號 注文 주문 송장 คำสั่งซื้อ"

# A secret code.
CODE = r"""
code?s? kode?n? kodu\w{0,3} kodas kods koodi codice codigo código codul passcode password
passwort pwd wachtwoord lösenord has[lł]o heslo parola şifre\w{0,4} senha clave contraseña
mot\sde\spasse otps? token mật\skhẩu mã\sxác\s(?:nhận|thực) pin pincode tans? 2fa mfa totp
verify verification authenticate κωδικ[όο][ςσ]? код\w? пароль пин קוד कोड ओटीपी पिन رمز الرمز
الرقم\sالسري كود کد mã
"""
CODE_UNSPACED = r"""
验证码 驗證碼 校验码 动态码 取件码 密码 密碼 コード (?:暗証|認証|確認)番号 パスワード
인증\s?번호 인증\s?코드 비밀번호 비번 รหัส
"""

# Codes that are not secret: the beginning of such a word, the words before it, the words after it.
PUBLIC_BEGINNINGS = r"""
bar zip post vs en de uni leet quell source qr op geo trans byte pseudo hard java promo rabatt gutschein spin
bin lap
"""
PUBLIC_BEFORE = r"""
area zip postal posta? country error source dress promo discount coupon voucher status exit bar qr morse colou?r
hex sort swift dial(?:ing)? vs machine cheat tax product item http return response class fehler erreur postale?
promotionnel promocional fuente descuento sconto rabatt the\ssame
"""
PUBLIC_AFTER = r"""
the that this it a an down up lines? postal\w* promo\w* d['’]erreur d['’]area
de\s(?:barras?|error|área|erreur|descuento|país) review\w* freeze base name errore a\sbarre
source fuente kreskowy pocztowy ошибки
"""

# Words before a year.
IN = r"""
in from since of until till before after around by seit von vom ab bis im nach vor en de depuis
desde hasta dal nel del sinds uit od z w с в до от
"""

# Units and currencies.
UNIT = r"""
eur euros? usd gbp chf pln zł kr rs rupees dollars? pounds? руб\w* bytes? [kmg]i?b k[mg] [cm]m
ml m² views? people users? followers subscribers inhabitants steps rows lines? points? times
years? blocks
"""
CURRENCY = r"eur usd gbp inr rs chf pln r\$"


def any_of(words: str) -> str:
    """A pattern for one of `words`."""
    return f"(?:{'|'.join(words.split())})"
