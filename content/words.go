package content

// words are the few that a rendering needs, in the article's language.
var words = map[string]map[string]string{
	"en": {
		"note": "Note", "tip": "Tip", "important": "Important", "warning": "Warning", "caution": "Caution", "details": "Details",
		"table": "Table", "code": "Code", "footnotes": "Footnotes", "footnote": "Footnote", "back": "Back to the text",
		"done": "Done", "open": "To do", "tabs": "Choose what applies to you", "glossary": "Words used here",
	},
	"it": {
		"note": "Nota", "tip": "Consiglio", "important": "Importante", "warning": "Attenzione", "caution": "Pericolo", "details": "Dettagli",
		"table": "Tabella", "code": "Codice", "footnotes": "Note", "footnote": "Nota", "back": "Torna al testo",
		"done": "Fatto", "open": "Da fare", "tabs": "Scegliere il proprio caso", "glossary": "Parole usate qui",
	},
	"es": {
		"note": "Nota", "tip": "Consejo", "important": "Importante", "warning": "Advertencia", "caution": "Peligro", "details": "Detalles",
		"table": "Tabla", "code": "Código", "footnotes": "Notas", "footnote": "Nota", "back": "Volver al texto",
		"done": "Hecho", "open": "Pendiente", "tabs": "Elija su caso", "glossary": "Palabras usadas aquí",
	},
}

// word returns a word in a language, in English where we do not speak it.
func word(lang, key string) string {
	base := lang
	if len(base) > 2 && base[2] == '-' {
		base = base[:2]
	}
	if w, ok := words[base]; ok {
		return w[key]
	}
	return words["en"][key]
}
