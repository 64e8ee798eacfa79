"""The words by which numbers and names are recognised, folded as `core.text.fold` folds them."""


def _set(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


BELOW_TWENTY = {
    "zero": 0, "oh": 0, "nought": 0, "nil": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "zerro": 0, "fiv": 5, "sevn": 7, "thre": 3, "fore": 4,
    "صفر": 0, "زيرو": 0, "واحد": 1, "واحده": 1, "اثنين": 2, "اثنان": 2, "اتنين": 2, "اثنتين": 2, "تنين": 2, "ثلاثه": 3, "ثلاث": 3,
    "تلاته": 3, "تلات": 3, "اربعه": 4, "اربع": 4, "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثماني": 8,
    "ثمان": 8, "تمانيه": 8, "تمنيه": 8, "تمن": 8, "تسعه": 9, "تسع": 9, "عشره": 10, "عشر": 10, "احداشر": 11, "حداشر": 11, "اثناشر": 12,
    "اتناشر": 12, "تلتاشر": 13, "اربعتاشر": 14, "خمستاشر": 15, "ستاشر": 16, "سبعتاشر": 17, "تمنتاشر": 18, "تسعتاشر": 19,
    "فايف": 5, "ون": 1, "تو": 2, "ثري": 3, "فور": 4, "سكس": 6, "سفن": 7, "ناين": 9,
    "sifr": 0, "sefr": 0, "wahed": 1, "wahid": 1, "ithnain": 2, "etnein": 2, "itnein": 2, "thalatha": 3, "talata": 3, "tlata": 3,
    "arbaa": 4, "arba3a": 4, "khamsa": 5, "5amsa": 5, "sitta": 6, "setta": 6, "sabaa": 7, "sab3a": 7, "thamania": 8, "tamanya": 8,
    "tamania": 8, "tisaa": 9, "tes3a": 9, "tis3a": 9,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "عشرين": 20, "عشرون": 20, "ثلاثين": 30, "ثلاثون": 30, "تلاتين": 30, "اربعين": 40, "اربعون": 40, "خمسين": 50, "خمسون": 50,
    "ستين": 60, "ستون": 60, "سبعين": 70, "سبعون": 70, "ثمانين": 80, "ثمانون": 80, "تمانين": 80, "تسعين": 90, "تسعون": 90,
}  # fmt: skip
HUNDREDS = {
    "ميه": 100, "مايه": 100, "مائه": 100, "ميتين": 200, "ميتان": 200, "ثلاثميه": 300, "تلتميه": 300, "اربعميه": 400, "ربعميه": 400,
    "خمسميه": 500, "ستميه": 600, "سبعميه": 700, "ثمانميه": 800, "تمنميه": 800, "تسعميه": 900, "تسعمايه": 900, "خمسمايه": 500,
}  # fmt: skip
TIMES = {"double": 2, "triple": 3, "treble": 3, "dabal": 2, "دبل": 2, "مرتين": 2}

CURRENCIES = _set(
    "aed dh dhs dirham dirhams usd egp sar eur gbp pound pounds dollar dollars riyal riyals le price asking",
    "budget offer total cost $ € £ درهم دراهم جنيه جنيهات ريال ريالات دولار يورو سعر السعر سعره سعرها بسعر",
    "ميزانيه",
)
MEASURES = _set(
    "kg kgs g gram grams gm lb lbs cm mm m km kms inch inches in ft feet ml l litre litres liter liters gb tb mb",
    "mah mp w watt watts v volt volts hz mhz ghz rpm hp cc k year years yrs month months day days hour hours hrs",
    "min mins minute minutes week weeks piece pieces pcs people person sqft sqm x eu uk us percent am pm fps dpi",
    "ply pages copies edition model كيلو كجم جرام غرام سم سنتي مم متر كم كيلومتر انش بوصه لتر مل جيجا تيرا واط",
    "فولت سنه سنوات سنين شهر شهور اشهر يوم ايام ساعه ساعات دقيقه دقائق اسبوع قطعه قطع حبه حبات شخص اشخاص صباحا",
    "مساء",
)
SIZES = frozenset({"size", "مقاس"})
PHONE_WORDS = _set(
    "call calling phone mobile mob tel telephone cell whatsapp whatsap watsapp wtsp wapp contact reach ring text",
    "sms dial number num nr جوال جوالي موبايل موبايلي تليفون تليفوني تلفون تلفوني هاتف هاتفي اتصل اتصلي اتصال",
    "كلمني كلميني دق دقلي رن رنلي رقمي رقم نمره نمرتي واتس واتساب واتسب وتساب راسلني تواصل",
)
NOT_A_PHONE = _set(
    "order orders tracking track awb invoice inv ref reference serial imei sku model isbn barcode chassis vin trn",
    "license licence plate shipment parcel waybill receipt article catalogue warranty policy booking ticket",
    "passport version firmware ean upc batch lot طلب طلبيه طلبك طلبي شحنه شحنتك شحن فاتوره موديل تسلسلي سيريال",
    "باركود مرجع مرجعي لوحه شاسيه ايصال تتبع بوليصه حجز تذكره ضمان منتج صنف اصدار رخصه قطعه",
)

# Two-word names are written with a space.
APPS = frozenset(
    {
        "whatsapp", "whats app", "whatsap", "whatapp", "watsapp", "watsap", "wattsapp", "whatsup app", "wtsapp",
        "wtsp", "wapp", "whtsapp", "whts app", "whatsaap", "wats app", "telegram", "telegrm", "instagram",
        "insta", "instagrm", "snapchat", "facebook", "messenger", "viber", "botim", "wechat", "tiktok",
        "tik tok", "discord", "skype", "واتساب", "واتس", "واتسب", "واتس اب", "وتساب", "وتس", "وتس اب",
        "واتسابي", "واتسي", "تيليجرام", "تيلجرام", "تليجرام", "تلجرام", "تيليغرام", "تلغرام", "تيلغرام",
        "تلقرام", "تيليقرام", "تلي", "انستا", "انستغرام", "انستجرام", "انستقرام", "انستاغرام", "انستاجرام",
        "انستي", "سناب", "سنابي", "سناب شات", "سنابشات", "فيسبوك", "فيس بوك", "ماسنجر", "مسنجر", "بوتيم",
        "فايبر", "تيك توك", "تيكتوك", "ايمو", "سكايب", "ديسكورد",
    }
)  # fmt: skip
SHORT_APPS = frozenset(
    {"ig", "fb", "snap", "imo", "tg", "tele", "signal", "wa", "فيس"}
)  # names only where the words before say so
BEFORE_SHORT_APPS = _set("on via add through using عبر علي ع")
NAMED_BY = _set(
    "is id user username handle account acc name page profile هو اسمه اسمي يوزر حسابي حساب صفحتي ايدي اسم",
)
CONTACTS = _set(
    "me my text call message msg contact talk chat send number ping dm add write reply reach lets ur your group",
    "كلمني كلميني راسلني راسليني تواصل حسابي رقمي رقمك ابعت ابعتلي ابعث ارسل ارسلي ارسللي عندك ضيفني اضفني كلمك",
    "اكلمك نكمل نتكلم خاص تواصلي نتواصل احكي معي معايا",
)
# Where these stand near, an app is what a thing can do or where a picture was seen, and no way to talk.
NOT_A_WAY = _set(
    "work works working support supports supported install installed installs app apps version logo sticker",
    "stickers frame neon backup saw seen followers verified store notifications notification runs compatible",
    "features screen calls filter worthy style famous viral trend trending marketplace ad advert advertised",
    "reviews يدعم تدعم يشتغل تشتغل شغال يعمل تطبيق تطبيقات برنامج برامج تنزيل تحميل نسخه شعار ستيكر شفت شفته",
    "شفتها متابع متابعين اشعارات مشهور ترند اعلان منتشر كتاب",
)

PROVIDERS = _set("gmail gmal gmial hotmail yahoo icloud جيميل هوتميل ياهو ايكلاود protonmail ymail")
MORE_PROVIDERS = PROVIDERS | {"outlook", "live", "mail", "aol", "proton", "اوتلوك"}
PLACES_TOO = frozenset({"yahoo", "ياهو"})  # a company that people may meet at
NO_NAMES = _set("is are was me us look here there am only not still")
AT_WORDS = frozenset({"at", "ات", "اات", "ايت", "@"})
DOT_WORDS = frozenset({"dot", "دوت", "نقطه", "."})
MAIL_WORDS = frozenset({"email", "mail", "gmail", "hotmail", "ايميل", "ايميلي", "بريدي", "جيميل"})
TLDS = _set("com net org ae info biz shop store online site xyz link app live club tk top كوم")
PLAIN_TLDS = _set("com net ae كوم")  # no words of a sentence
SHORT_TLDS = _set("me co io sa eg uk ly gl it to us in de fr tv cc gg be ee gd")  # words too: only with a path
SPOKEN_TLDS = _set("com net org ae كوم نت")
KNOWN_HOSTS = _set(
    "wa.me t.me m.me bit.ly cutt.ly t.ly rb.gy is.gd goo.gl tinyurl.com linktr.ee fb.me ig.me api.whatsapp.com",
    "youtu.be snapchat.com",
)
