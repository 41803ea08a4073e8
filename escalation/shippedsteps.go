package escalation

// shippedRemedies are the steps that can be tried with a device, while no lead says
// otherwise. Their minutes are estimates.
func shippedRemedies() []Remedy {
	all := func(names ...string) (keys []string) {
		for _, n := range names {
			keys = append(keys, "device/"+n)
		}
		return keys
	}
	return []Remedy{
		{
			ID: "restart",
			What: Text{
				"it": "Spegnere l'apparecchio del tutto, aspettare un minuto e riaccenderlo.",
				"es": "Apague el dispositivo del todo, espere un minuto y vuelva a encenderlo.",
				"en": "Switch the device off completely, wait a minute, and switch it on again.",
			},
			Why: Text{
				"it": "Chiude ciò che si è bloccato in memoria: la causa più semplice da escludere.",
				"es": "Cierra lo que se quedó bloqueado en la memoria: es la causa más fácil de descartar.",
				"en": "It ends whatever got stuck in memory: the cause that is easiest to rule out.",
			},
			Minutes: 3, Risk: NoRisk,
			Outcomes: Text{
				"it": "Funziona: basta così\nTorna dopo poco: un'app o un aggiornamento può essere la causa\nNon cambia nulla: si passa alla prova seguente",
				"es": "Funciona: no hace falta nada más\nVuelve al poco tiempo: la causa puede ser una app o una actualización\nNo cambia nada: pasamos a la siguiente prueba",
				"en": "It works: that was it\nIt comes back soon: an app or an update may be the cause\nNothing changes: on to the next check",
			},
			Articles: all("battery-drains", "bluetooth-not-connecting", "camera-blurry", "does-not-turn-on", "no-signal", "no-sound", "overheating", "touchscreen-not-responding", "wifi-not-connecting"),
		},
		{
			ID: "charger",
			What: Text{
				"it": "Provare un altro caricatore, un altro cavo e un'altra presa.",
				"es": "Pruebe otro cargador, otro cable y otro enchufe.",
				"en": "Try another charger, another cable and another socket.",
			},
			Why: Text{
				"it": "Cavi e caricatori si guastano più spesso degli apparecchi, e uno guasto disturba anche lo schermo.",
				"es": "Los cables y cargadores fallan más a menudo que los dispositivos, y uno dañado también molesta a la pantalla.",
				"en": "Cables and chargers fail more often than devices do, and a bad one disturbs the screen as well.",
			},
			Minutes: 10, Risk: NoRisk,
			Outcomes: Text{
				"it": "Con un altro va: il guasto è nel caricatore o nel cavo\nCon nessuno va: il guasto è nell'apparecchio",
				"es": "Con otro funciona: falla el cargador o el cable\nCon ninguno funciona: falla el dispositivo",
				"en": "It works with another: the charger or the cable is faulty\nIt works with none: the device is faulty",
			},
			Evidence: Text{
				"it": "Una foto della presa di ricarica, da vicino.",
				"es": "Una foto del conector de carga, de cerca.",
				"en": "A photo of the charging port, from close by.",
			},
			Articles: all("not-charging", "does-not-turn-on", "touchscreen-not-responding", "overheating"),
		},
		{
			ID: "safe-mode",
			What: Text{
				"it": "Avviare in modalità provvisoria: spegnere, riaccendere e tenere premuto volume giù quando appare il logo. Usare l'apparecchio per qualche minuto.",
				"es": "Inicie en modo seguro: apague, encienda y mantenga pulsado bajar volumen cuando aparezca el logotipo. Use el dispositivo unos minutos.",
				"en": "Start in safe mode: switch off, switch on, and hold volume down when the logo appears. Use the device for a few minutes.",
			},
			Why: Text{
				"it": "Senza le app aggiunte si vede se una di loro è la causa. Nulla viene cancellato.",
				"es": "Sin las apps añadidas se ve si una de ellas es la causa. No se borra nada.",
				"en": "Without the apps that were added it shows whether one of them is the cause. Nothing is deleted.",
			},
			Minutes: 10, Risk: NoRisk,
			Outcomes: Text{
				"it": "Qui va bene: togliere le ultime app aggiunte, una per volta\nAnche qui va male: non è un'app",
				"es": "Aquí va bien: quite las últimas apps añadidas, una a una\nAquí también falla: no es una app",
				"en": "It works here: remove the apps added last, one at a time\nIt fails here too: it is no app",
			},
			Articles: all("touchscreen-not-responding", "no-sound", "overheating", "does-not-turn-on"),
		},
		{
			ID: "update",
			What: Text{
				"it": "Installare gli aggiornamenti che aspettano, con l'apparecchio in carica e collegato al Wi-Fi.",
				"es": "Instale las actualizaciones pendientes, con el dispositivo cargando y conectado a una red wifi.",
				"en": "Install the updates that are waiting, with the device charging and on Wi-Fi.",
			},
			Why: Text{
				"it": "Un difetto già corretto da un aggiornamento non serve cercarlo altrove.",
				"es": "Un defecto que una actualización ya corrige no hay que buscarlo en otra parte.",
				"en": "A fault that an update has mended already need not be looked for elsewhere.",
			},
			Minutes: 30, Risk: NoRisk,
			Outcomes: Text{
				"it": "Funziona: basta così\nNon si installa: scrivere il messaggio parola per parola\nNon cambia nulla: si passa alla prova seguente",
				"es": "Funciona: no hace falta nada más\nNo se instala: escriba el mensaje palabra por palabra\nNo cambia nada: pasamos a la siguiente prueba",
				"en": "It works: that was it\nIt cannot be installed: write down the message word for word\nNothing changes: on to the next check",
			},
			Articles: []string{"data/updates"},
		},
		{
			ID: "settings-reset",
			What: Text{
				"it": "Ripristinare le impostazioni di rete: Wi-Fi, Bluetooth e rete mobile.",
				"es": "Restablezca los ajustes de red: wifi, Bluetooth y red móvil.",
				"en": "Reset the network settings: Wi-Fi, Bluetooth and mobile network.",
			},
			Why: Text{
				"it": "Un'impostazione rovinata impedisce di collegarsi anche se tutto il resto è sano. Foto e app restano; le password Wi-Fi e gli abbinamenti Bluetooth si perdono.",
				"es": "Un ajuste dañado impide conectarse aunque todo lo demás esté bien. Las fotos y las apps se quedan; se pierden las contraseñas wifi y los emparejamientos Bluetooth.",
				"en": "A damaged setting prevents connections although all else is sound. Photos and apps stay; Wi-Fi passwords and Bluetooth pairings are lost.",
			},
			Minutes: 10, Risk: SettingsLost,
			Outcomes: Text{
				"it": "Si collega: erano le impostazioni\nNon si collega a nessuna rete: può essere l'apparecchio",
				"es": "Se conecta: eran los ajustes\nNo se conecta a ninguna red: puede ser el dispositivo",
				"en": "It connects: it was the settings\nIt connects to no network at all: it may be the device",
			},
			Articles: all("wifi-not-connecting", "bluetooth-not-connecting", "no-signal"),
		},
		{
			ID: "factory-reset",
			What: Text{
				"it": "Riportare l'apparecchio allo stato di fabbrica. ATTENZIONE: cancella tutto. Prima salvare foto, contatti e messaggi.",
				"es": "Restablezca el dispositivo a su estado de fábrica. ATENCIÓN: se borra todo. Antes guarde fotos, contactos y mensajes.",
				"en": "Reset the device to factory state. WARNING: this deletes everything. Save photos, contacts and messages first.",
			},
			Why: Text{
				"it": "È l'ultima prova del software: se il difetto resta su un apparecchio vuoto, è l'hardware. Farla solo con una copia dei dati.",
				"es": "Es la última prueba del software: si el defecto sigue en un dispositivo vacío, es el hardware. Hágala solo con una copia de sus datos.",
				"en": "It is the last check of the software: if the fault stays on an empty device, it is the hardware. Only do it with a copy of your data.",
			},
			Minutes: 60, Risk: DataLost,
			Outcomes: Text{
				"it": "Funziona: era il software\nNon cambia nulla: è l'hardware, e non servono altre prove",
				"es": "Funciona: era el software\nNo cambia nada: es el hardware, y no hacen falta más pruebas",
				"en": "It works: it was the software\nNothing changes: it is the hardware, and no more checks are needed",
			},
			Evidence: Text{
				"it": "Un breve video del difetto, dopo il ripristino.",
				"es": "Un vídeo breve del defecto, después del restablecimiento.",
				"en": "A short video of the fault, after the reset.",
			},
		},
	}
}
