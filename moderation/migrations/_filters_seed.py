"""The first words that the scanner looks for and what follows. Written for this house; staff edit them in the console.

A modest list on purpose: words that are abuse whoever says them, and phrases by which people are led away from a protected sale. A `*`
stands for up to three words.
"""

ELSEWHERE_EN = (
    # paying elsewhere
    "bank transfer", "bank transfers", "wire me * money", "wire transfer", "transfer * to my account",
    "transfer * to my bank", "send * to my account", "send * to my iban", "send * to my bank", "my iban",
    "my bank account", "my account number is", "western union", "moneygram", "money gram", "paypal", "cash app",
    "venmo", "gift card payment", "pay * gift card", "pay * gift cards", "pay * in crypto", "pay * with crypto",
    "send * usdt", "pay * usdt", "pay * bitcoin", "send * bitcoin", "pay me directly", "pay directly to me",
    "pay outside", "pay * outside the app", "pay me outside", "pay first * deliver", "send * deposit first",
    "pay * deposit first", "deposit * before you see it", "deposit before", "deposit first", "payment link",
    "pay * this link", "without paying the fee", "avoid the fee", "avoid the fees", "skip the fee", "skip the fees",
    "avoid * commission", "without commission",
    # meeting and dealing elsewhere
    "outside the app", "outside this app", "outside the platform", "outside souk loop", "without souk loop",
    "outside the site", "off the app", "off the platform", "off app", "deal directly without",
    "deal without the app", "cancel * and meet", "cancel * order and pay", "meet * without the app",
    "come alone at night", "come alone to", "come to my hotel", "come to my room", "talk somewhere else",
    "chat somewhere else", "continue somewhere else", "continue on another app",
)  # fmt: skip

ELSEWHERE_AR = (
    # الدفع خارج المنصة
    "تحويل بنكي", "حواله بنكيه", "حول * على حسابي", "حول * ع حسابي", "حول * على الحساب", "حولي * على الحساب",
    "حولي * على حسابي", "تحول * على حسابي", "تحولي * على حسابي", "حول * لحسابي", "ارسل * لحسابي", "ابعت * لحسابي",
    "ارسلي * على حسابي", "حول * لرقم الحساب", "حول * فودافون كاش", "فودافون كاش", "انستاباي", "انستا باي",
    "ارسل * على حسابي", "ابعت * على حسابي", "ابعث * على حسابي", "حسابي البنكي", "رقم حسابي", "رقم الحساب * احول",
    "تحويل على البنك", "الدفع تحويل", "ويسترن يونيون", "وسترن يونيون", "موني جرام", "باي بال", "الايبان",
    "رقم الايبان", "ايباني", "ادفع * مباشره لي", "ادفع لي مباشره", "الدفع * خارج التطبيق", "ادفع * خارج التطبيق",
    "ادفع * بره التطبيق", "ادفع * برا التطبيق", "ادفع العربون", "حول العربون", "ارسل العربون", "ابعت العربون",
    "عربون قبل المعاينه", "المبلغ عربون", "رابط الدفع", "رابط دفع", "ادفع * هذا الرابط", "بدون عموله",
    "من غير عموله", "بدون رسوم التطبيق", "من غير رسوم التطبيق", "ادفع * بيتكوين", "حول * بيتكوين", "حول * usdt",
    # اللقاء والاتفاق خارج المنصة
    "خارج التطبيق", "خارج المنصه", "خارج الموقع", "خارج سوق لوب", "بره التطبيق", "برا التطبيق", "بره الموقع",
    "برا الموقع", "بدون التطبيق", "من غير التطبيق", "الغي الطلب * ونتفق", "نلغي الطلب * ونتفق", "نتفق * برا",
    "الغي الطلب * وادفع", "تعال لوحدك", "تعالي لوحدك", "تعالي الفندق", "تعالي غرفتي", "نكمل * تطبيق تاني",
    "نكمل * تطبيق ثاني", "نتكلم في مكان تاني", "نتكلم في مكان ثاني",
)  # fmt: skip

ABUSE_EN = (
    "fuck", "fck", "fuk", "fcking", "fucker", "fucking", "fuckers", "motherfucker", "fuck you", "fuck off", "shit",
    "bullshit", "shithead", "bitch", "bitches", "son of a bitch", "bastard", "bastards", "asshole", "arsehole",
    "dickhead", "cunt", "whore", "slut", "prick", "wanker", "twat", "retard", "retarded", "faggot", "nigger",
    "nigga", "paki", "kill yourself", "i will kill you", "i will find you", "i will hurt you", "go die",
    "piece of shit", "sharmouta", "sharmuta", "ya kalb", "ibn el kalb", "kos omak", "kuss ummak", "kosomak",
    "ya hmar", "ya 7mar", "manyak", "manyouk", "3ars", "5awal",
)  # fmt: skip

ABUSE_AR = (
    "كلب ابن كلب", "ابن الكلب", "ابن كلب", "بنت الكلب", "اولاد الكلب", "ولاد الكلب", "يا كلب", "يا كلبه", "يا حمار",
    "يا حماره", "يا حيوان", "يا حيوانه", "يا خنزير", "يا زباله", "يا واطي", "يا وسخ", "يا وسخه", "يا حقير",
    "يا حقيره", "يا سافل", "يا سافله", "يا نصاب ابن", "ابن الحرام", "ابن حرام", "اولاد الحرام", "ولاد الحرام",
    "شرموطه", "شرموط", "ابن الشرموطه", "عاهره", "ابن العاهره", "قحبه", "ابن القحبه", "يا عرص", "معرص", "يا خول",
    "متناك", "منيوك", "يا منيوك", "كس امك", "كسمك", "كس اختك", "طيزك", "يلعن ابوك", "يلعن امك", "يلعن شرفك",
    "العن ابوك", "ملعون ابوك", "تفو عليك", "اقتلك", "هقتلك", "راح اقتلك", "هعرف اوصلك واقتلك", "روح موت", "يا ديوث",
    "ديوث", "يا قواد", "يا لوطي",
)  # fmt: skip

HANDLES = (("en", "add me on"), ("en", "dm me on"), ("ar", "ضيفني على"), ("ar", "اضفني على"))

# mark, from newcomers, from everybody else
POLICIES = (
    ("phone", "hold", "warn"),
    ("email", "hold", "warn"),
    ("link", "hold", "warn"),
    ("handle", "hold", "warn"),
    ("elsewhere", "hold", "warn"),
    ("abuse", "case", "case"),
)


def seed(filter_term, scan_policy):
    """Add what is not there; nothing that staff changed is overwritten."""
    wanted = [
        *(("en", "elsewhere", words) for words in ELSEWHERE_EN),
        *(("ar", "elsewhere", words) for words in ELSEWHERE_AR),
        *(("en", "abuse", words) for words in ABUSE_EN),
        *(("ar", "abuse", words) for words in ABUSE_AR),
        *((language, "handle", words) for language, words in HANDLES),
    ]
    filter_term.objects.bulk_create(
        [filter_term(language=language, kind=kind, term=words) for language, kind, words in wanted],
        ignore_conflicts=True,
    )
    scan_policy.objects.bulk_create(
        [scan_policy(kind=kind, newcomer=newcomer, regular=regular) for kind, newcomer, regular in POLICIES],
        ignore_conflicts=True,
    )
