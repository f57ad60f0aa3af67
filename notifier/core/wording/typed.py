"""What people type into a conference, in each language: for looking at letters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


def _typed(name: str, description: str, owner: str, reader: str) -> dict[str, str]:
    return {
        "conf_name": name,
        "conf_description": description,
        "owner_name": owner,
        "caller_display_name": owner,
        "user_display_name": reader,
        "recipient_display_name": reader,
    }


# By the tag of the language: a name and a description, and two people of whom one writes.
TYPED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "ar": _typed(
            "المراجعة الفصلية",
            "أرقام الربع الثالث وخطط الربع الرابع.\nنرحّب بأسئلتكم.",
            "ليلى حدّاد",
            "يوسف منصور",
        ),
        "de": _typed(
            "Quartalsbesprechung",
            "Die Zahlen des dritten Quartals, die Pläne für das vierte.\n"
            "Bringen Sie gern Ihre Fragen mit.",
            "Anna Keller",
            "Jürgen Groß",
        ),
        "en": _typed(
            "Quarterly review",
            "Numbers of the third quarter, plans for the fourth.\nPlease bring your questions.",
            "Anna Keller",
            "Boris Petit",
        ),
        "es": _typed(
            "Revisión trimestral",
            "Las cifras del tercer trimestre y los planes para el cuarto.\n"
            "Traiga sus preguntas, por favor.",
            "Lucía Ibáñez",
            "Íñigo Muñoz",
        ),
        "fr": _typed(
            "Revue trimestrielle",
            "Les chiffres du troisième trimestre, les projets du quatrième.\n"
            "Vos questions sont les bienvenues.",
            "Hélène Garçon",
            "Boris Petit",
        ),
        "he": _typed(
            "סקירה רבעונית",
            "נתוני הרבעון השלישי והתוכניות לרביעי.\nנשמח לשאלות.",
            "נועה לוי",
            "דניאל כהן",
        ),
        "it": _typed(
            "Riunione trimestrale",
            "I risultati del terzo trimestre e i progetti per il quarto.\n"
            "Le domande sono benvenute.",
            "Chiara Rossi",
            "Niccolò Bianchi",
        ),
        "ja": _typed(
            "四半期レビュー",
            "第3四半期の実績と第4四半期の計画についてご説明します。\nご質問もお待ちしております。",
            "佐藤 花子",
            "鈴木 一郎",
        ),
        "ko": _typed(
            "분기 검토 회의",
            "3분기 실적과 4분기 계획을 다룹니다.\n질문을 준비해 주시기 바랍니다.",
            "김민지",
            "이준호",
        ),
        "nl": _typed(
            "Kwartaaloverleg",
            "De cijfers van het derde kwartaal en de plannen voor het vierde.\n"
            "Neem gerust uw vragen mee.",
            "Anneke de Vries",
            "Jeroen Kuijpers",
        ),
        "pl": _typed(
            "Przegląd kwartalny",
            "Wyniki trzeciego kwartału i plany na czwarty.\nProsimy o przygotowanie pytań.",
            "Małgorzata Żak",
            "Łukasz Wójcik",
        ),
        "pt": _typed(
            "Reunião trimestral",
            "Os números do terceiro trimestre e os planos para o quarto.\nTraga as suas perguntas.",
            "Inês Gonçalves",
            "João Simões",
        ),
        "pt-BR": _typed(
            "Reunião trimestral",
            "Os números do terceiro trimestre e os planos para o quarto.\nTraga suas perguntas.",
            "Letícia Araújo",
            "João Conceição",
        ),
        "ru": _typed(
            "Квартальный обзор",
            "Итоги третьего квартала и планы на четвёртый.\nПодготовьте, пожалуйста, вопросы.",
            "Анна Королёва",
            "Борис Щукин",
        ),
        "tr": _typed(
            "Üç aylık değerlendirme",
            "Üçüncü çeyreğin rakamları, dördüncü çeyreğin planları.\nSorularınızı bekliyoruz.",
            "Ayşe Yıldız",
            "Çağrı Öztürk",
        ),
        "uk": _typed(
            "Квартальний огляд",
            "Підсумки третього кварталу та плани на четвертий.\nПідготуйте, будь ласка, запитання.",
            "Ганна Їжакевич",
            "Юрій Ґудзь",
        ),
        "vi": _typed(
            "Họp tổng kết quý",
            "Kết quả quý ba và kế hoạch quý bốn.\nRất mong nhận được câu hỏi của quý vị.",
            "Nguyễn Thị Hương",
            "Trần Đức Minh",
        ),
        "zh-Hans": _typed(
            "季度回顾",
            "第三季度业绩与第四季度计划。\n欢迎提前准备问题。",
            "李敏",
            "王伟",
        ),
    }
)


def typed_in(language: str) -> dict[str, str]:
    """Give what people type in a language (BCP 47, or as its folder is named), else in English."""
    tag = language.replace("_", "-")
    return dict(TYPED.get(tag) or TYPED.get(tag.split("-")[0]) or TYPED["en"])
