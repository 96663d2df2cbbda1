"""The currencies in circulation and how many decimals each has.

Source: ISO 4217 list one (SIX, maintenance agency) without funds, metals and testing codes; BGN stays readable for
bookings made before Bulgaria took the euro in 2026. A test holds the table against babel's CLDR data; importing babel
here would cost 150 ms at every start.
"""

from __future__ import annotations

from tripsage_tui.models.text import InputError, shown


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


CODES = _codes(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
    "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD "
    "TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)
_NO_DECIMALS = _codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF")
_THREE_DECIMALS = _codes("BHD IQD JOD KWD LYD OMR TND")
SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "ILS": "₪",
    "VND": "₫",
    "PHP": "₱",
    "TRY": "₺",
    "UAH": "₴",
    "NGN": "₦",
}
# What else is typed. A sign that several countries use stands for the field's own currency where that is one of them.
_TYPED = {sign: code for code, sign in SYMBOLS.items()} | {
    "us$": "USD",
    "ca$": "CAD",
    "c$": "CAD",
    "au$": "AUD",
    "a$": "AUD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "r$": "BRL",
    "mx$": "MXN",
    "nt$": "TWD",
    "fr.": "CHF",
    "sfr.": "CHF",
    "zł": "PLN",
    "kč": "CZK",
    "฿": "THB",
    "₽": "RUB",
    "₸": "KZT",
    "₾": "GEL",
    "euro": "EUR",
    "euros": "EUR",
    "dollars": "USD",
    "pounds": "GBP",
    "yen": "JPY",
    "円": "JPY",
    "元": "CNY",
}
_SHARED = {
    "$": _codes("USD CAD AUD NZD HKD SGD MXN TWD ARS CLP COP BBD BSD BZD FJD JMD NAD TTD XCD"),
    "dollars": _codes("USD CAD AUD NZD HKD SGD TWD"),
    "¥": _codes("JPY CNY"),
    "£": _codes("GBP EGP GIP FKP SHP"),
    "kr": _codes("SEK NOK DKK ISK"),
    "kr.": _codes("SEK NOK DKK ISK"),
    "₩": _codes("KRW KPW"),
}


class InvalidCurrency(InputError):
    """Not a currency of ISO 4217, or a sign that several currencies share."""


def minor_units(code: str) -> int:
    """Decimals of a currency: 0 for JPY, 3 for KWD, 2 for most and for codes that are not in the list."""
    if code in _NO_DECIMALS:
        return 0
    return 3 if code in _THREE_DECIMALS else 2


def parse_currency(text: str, default: str | None = None) -> str:
    """The ISO 4217 code for a typed code, sign or name; `$`, `¥` and `kr` are the default's if it uses that sign.

    Raises InvalidCurrency.
    """
    typed = text.strip()
    if typed.upper() in CODES and typed.isascii():
        return typed.upper()
    sign = typed.casefold()
    if default in _SHARED.get(sign, ()):
        return str(default)
    if sign in _TYPED:
        return _TYPED[sign]
    if sign in _SHARED:
        raise InvalidCurrency(f"Several currencies are written {shown(typed)}: {', '.join(sorted(_SHARED[sign]))}.")
    if not typed:
        raise InvalidCurrency("Type a currency, for example EUR.")
    raise InvalidCurrency(f"{shown(typed)} is not a currency; use its three letters, for example EUR, USD or JPY.")
