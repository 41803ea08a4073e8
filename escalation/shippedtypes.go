package escalation

// shippedTypes are the kinds of requests while no lead says otherwise.
func shippedTypes() []RequestType {
	orderNeed := func(when NeedTime) Need {
		return Need{"order", Text{"it": "Numero d'ordine", "es": "Número de pedido", "en": "Order number"},
			Text{
				"it": "Con il numero si trovano subito acquisto, pagamento e spedizione.",
				"es": "Con el número encontramos enseguida la compra, el pago y el envío.",
				"en": "With it we find the purchase, the payment and the shipment at once.",
			}, OrderValue, when, nil}
	}
	model := Need{"model", Text{"it": "Modello", "es": "Modelo", "en": "Model"},
		Text{
			"it": "Cause e rimedi cambiano da un modello all'altro. È scritto sul retro o nelle impostazioni.",
			"es": "Las causas y los remedios cambian de un modelo a otro. Está escrito detrás o en los ajustes.",
			"en": "Causes and cures differ from model to model. It is written on the back or in the settings.",
		}, LineValue, AtOnce, nil}
	imei := Need{"imei", Text{"it": "IMEI", "es": "IMEI", "en": "IMEI"},
		Text{
			"it": "Dice esattamente quale apparecchio è e se è in garanzia. Sono 15 cifre: si leggono componendo *#06#.",
			"es": "Dice exactamente qué dispositivo es y si está en garantía. Son 15 cifras: se ven marcando *#06#.",
			"en": "It says exactly which device it is, and whether it is under warranty. It has 15 digits: dial *#06# to see them.",
		}, IMEIValue, BeforeMove, nil}
	photos := Need{"photos", Text{"it": "Foto dell'apparecchio", "es": "Fotos del dispositivo", "en": "Photos of the device"},
		Text{
			"it": "Mostrano com'era l'apparecchio prima di essere spedito: nessuno potrà dire altro.",
			"es": "Muestran cómo estaba el dispositivo antes de enviarlo: nadie podrá decir otra cosa.",
			"en": "They show what the device was like before it was sent: nobody can say otherwise later.",
		}, PhotosValue, BeforeMove, nil}
	received := Stage{
		Text{"it": "Richiesta ricevuta e letta", "es": "Solicitud recibida y leída", "en": "Request received and read"},
		Text{"it": "lo stesso giorno lavorativo", "es": "el mismo día laborable", "en": "the same working day"},
		WhenOpened,
	}
	days := func(begins StageStart, it, es, en string) Stage {
		return Stage{Text{"it": it, "es": es, "en": en}, Text{"it": "1–2 giorni lavorativi", "es": "1–2 días laborables", "en": "1–2 working days"}, begins}
	}
	return []RequestType{
		{
			ID:   "device",
			Name: Text{"it": "Problema con un apparecchio", "es": "Problema con un dispositivo", "en": "Problem with a device"},
			About: Text{
				"it": "Qualcosa non funziona come dovrebbe.",
				"es": "Algo no funciona como debería.",
				"en": "Something does not work as it should.",
			},
			Team: "tech", Tier: 2,
			Needs: []Need{
				model, imei,
				{"finding", Text{"it": "Software o hardware", "es": "Software o hardware", "en": "Software or hardware"},
					Text{
						"it": "Dice che cosa era guasto: da qui si capisce se serve una riparazione e che cosa spiegare ad altri.",
						"es": "Dice qué fallaba: de ahí se sabe si hace falta una reparación y qué explicar a otros.",
						"en": "It says what was broken: whether a repair is needed follows from it, and what others should be told.",
					}, FindingValue, BeforeSolve, nil},
			},
			Ready: Text{
				"it": "Il modello, scritto sul retro o nelle impostazioni\nL'IMEI: comporre *#06#\nChe cosa si stava facendo, e il messaggio d'errore parola per parola\nUna foto o un video del problema, se si vede",
				"es": "El modelo, escrito detrás o en los ajustes\nEl IMEI: marque *#06#\nQué estaba haciendo, y el mensaje de error palabra por palabra\nUna foto o un vídeo del problema, si se ve",
				"en": "The model, written on the back or in the settings\nThe IMEI: dial *#06#\nWhat you were doing, and the error message word for word\nA photo or a video of the problem, if it can be seen",
			},
			Steps:  shippedRemedies(),
			Stages: []Stage{received, days(WhenTaken, "Prime prove insieme", "Primeras pruebas juntos", "First checks together"), days(WhenMoved, "Esame di un tecnico, se serve", "Examen de un técnico, si hace falta", "A technician looks at it, if needed")},
		},
		{
			ID:   "return",
			Name: Text{"it": "Reso, sostituzione o rimborso", "es": "Devolución, cambio o reembolso", "en": "Return, replacement or refund"},
			About: Text{
				"it": "Restituire un acquisto, averne un altro o riavere i soldi.",
				"es": "Devolver una compra, recibir otra o recuperar el dinero.",
				"en": "To give a purchase back, get another one, or get the money back.",
			},
			Team: "rrr", Tier: 2,
			Needs: []Need{
				orderNeed(AtOnce),
				{"wish", Text{"it": "Reso, sostituzione o rimborso?", "es": "¿Devolución, cambio o reembolso?", "en": "Return, replacement or refund?"},
					Text{"it": "Ognuno ha una sua strada.", "es": "Cada uno sigue su propio camino.", "en": "Each goes its own way."}, LineValue, AtOnce, nil},
				{"delivered_on", Text{"it": "Giorno della consegna", "es": "Día de la entrega", "en": "Day of delivery"},
					Text{
						"it": "I 15 giorni per rendere un acquisto si contano dalla consegna.",
						"es": "Los 15 días para devolver una compra se cuentan desde la entrega.",
						"en": "The 15 days for a return are counted from delivery.",
					}, DateValue, BeforeMove, nil},
				photos,
			},
			Ready: Text{
				"it": "Il numero d'ordine, nell'e-mail di conferma\nIl giorno della consegna\nFoto da tutti i lati, anche della scatola",
				"es": "El número de pedido, en el correo de confirmación\nEl día de la entrega\nFotos de todos los lados, también de la caja",
				"en": "The order number, from the confirmation e-mail\nThe day of delivery\nPhotos from all sides, of the box too",
			},
			Stages: []Stage{
				received, days(WhenTaken, "Verifica della richiesta", "Comprobación de la solicitud", "The request is checked"),
				{Text{"it": "Spedizione del pacco", "es": "Envío del paquete", "en": "The parcel travels"}, Text{"it": "2–5 giorni lavorativi", "es": "2–5 días laborables", "en": "2–5 working days"}, WhenWaiting},
				days(WhenSaid, "Controllo in deposito, poi sostituzione o rimborso", "Revisión en el almacén, luego cambio o reembolso", "Check at the depot, then replacement or refund"),
			},
		},
		{
			ID:   "payment",
			Name: Text{"it": "Pagamento o fattura", "es": "Pago o factura", "en": "Payment or invoice"},
			About: Text{
				"it": "Un addebito, una fattura, un pagamento che non riesce.",
				"es": "Un cargo, una factura, un pago que no funciona.",
				"en": "A charge, an invoice, a payment that does not work.",
			},
			Team: "payments", Tier: 2,
			Needs: []Need{
				{"amount", Text{"it": "Importo", "es": "Importe", "en": "Amount"},
					Text{"it": "Con importo e giorno si trova il pagamento.", "es": "Con el importe y el día encontramos el pago.", "en": "By amount and day we find the payment."}, NumberValue, AtOnce, nil},
				{"paid_on", Text{"it": "Giorno del pagamento", "es": "Día del pago", "en": "Day of the payment"},
					Text{"it": "Con importo e giorno si trova il pagamento.", "es": "Con el importe y el día encontramos el pago.", "en": "By amount and day we find the payment."}, DateValue, BeforeMove, nil},
				orderNeed(BeforeMove),
			},
			Ready: Text{
				"it": "L'importo e il giorno, come sull'estratto conto\nIl numero d'ordine o della fattura\nMai il numero della carta: non serve",
				"es": "El importe y el día, como en el extracto\nEl número de pedido o de factura\nNunca el número de la tarjeta: no hace falta",
				"en": "Amount and day, as on your statement\nThe number of the order or invoice\nNever the card number: it is not needed",
			},
			Stages: []Stage{received, days(WhenTaken, "Ricerca del pagamento", "Búsqueda del pago", "The payment is looked up")},
		},
		{
			ID:   "logistics",
			Name: Text{"it": "Spedizione o consegna", "es": "Envío o entrega", "en": "Shipping or delivery"},
			About: Text{
				"it": "Un pacco in ritardo, perso, danneggiato o all'indirizzo sbagliato.",
				"es": "Un paquete con retraso, perdido, dañado o en una dirección equivocada.",
				"en": "A parcel that is late, lost, damaged or at the wrong address.",
			},
			Team: "logistics", Tier: 2,
			Needs: []Need{
				orderNeed(AtOnce),
				{"tracking", Text{"it": "Numero di tracciamento", "es": "Número de seguimiento", "en": "Tracking number"},
					Text{"it": "Il corriere risponde solo con questo numero.", "es": "El transportista solo responde con este número.", "en": "The carrier answers by this number alone."}, LineValue, BeforeMove, nil},
			},
			Ready: Text{
				"it": "Il numero d'ordine, nell'e-mail di conferma\nIl numero di tracciamento, nell'e-mail di spedizione\nUna foto del pacco, se è danneggiato",
				"es": "El número de pedido, en el correo de confirmación\nEl número de seguimiento, en el correo de envío\nUna foto del paquete, si está dañado",
				"en": "The order number, from the confirmation e-mail\nThe tracking number, from the shipping e-mail\nA photo of the parcel, if it is damaged",
			},
			Stages: []Stage{received, days(WhenTaken, "Domanda al corriere", "Consulta al transportista", "We ask the carrier")},
		},
		{
			ID:   "account",
			Name: Text{"it": "Account e accesso", "es": "Cuenta y acceso", "en": "Account and sign-in"},
			About: Text{
				"it": "Entrare, cambiare i propri dati, chiudere l'account.",
				"es": "Entrar, cambiar sus datos, cerrar la cuenta.",
				"en": "Signing in, changing your details, closing the account.",
			},
			Team: Triage, Tier: 1,
			Needs: []Need{
				{"account", Text{"it": "Indirizzo dell'account", "es": "Dirección de la cuenta", "en": "Address of the account"},
					Text{
						"it": "Può essere diverso da quello a cui si riceve la risposta. Mai la password.",
						"es": "Puede ser distinta de la dirección a la que respondemos. Nunca la contraseña.",
						"en": "It may be another one than that to which we answer. Never the password.",
					}, LineValue, AtOnce, nil},
			},
			Ready: Text{
				"it": "L'indirizzo e-mail dell'account\nIl messaggio d'errore parola per parola\nMai la password: nessuno di noi la chiede",
				"es": "La dirección de correo de la cuenta\nEl mensaje de error palabra por palabra\nNunca la contraseña: nadie de nosotros la pide",
				"en": "The e-mail address of the account\nThe error message word for word\nNever the password: none of us asks for it",
			},
			Stages: []Stage{received, days(WhenTaken, "Risposta di una persona", "Respuesta de una persona", "A person answers")},
		},
		{
			ID:   "other",
			Name: Text{"it": "Altro", "es": "Otra cosa", "en": "Something else"},
			About: Text{
				"it": "Nulla di quanto sopra, o non si sa.",
				"es": "Nada de lo anterior, o no lo sabe.",
				"en": "None of these, or you are not sure.",
			},
			Team: Triage, Tier: 1,
			Stages: []Stage{received, days(WhenTaken, "Risposta di una persona", "Respuesta de una persona", "A person answers")},
		},
	}
}
