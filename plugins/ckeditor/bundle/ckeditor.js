// What the bundle `static/vendor/ckeditor.js` is made of; see ../README.md for how it is made.
// The scripts of the desk find it all under the one global name CKEditor5.
export {
  BlockQuote, Bold, ButtonView, ClassicEditor, Essentials, FileDialogButtonView, FileRepository,
  FindAndReplace, Heading, HorizontalLine, IconBrowseFiles, IconDocument, IconPaperClip,
  IconTextAlternative, ImageBlock, ImageCaption, ImageTextAlternativeEditing, ImageToolbar,
  ImageUploadEditing, ImageUploadUI, Indent, Italic, Link, List, ListProperties, Notification,
  Paragraph, PasteFromOffice, PlainTableOutput, Plugin, RemoveFormat, Strikethrough, Subscript,
  Superscript, Table, TableCaption, TableToolbar, Underline, ViewUpcastWriter, uid,
} from "ckeditor5";

import vietnamese from "ckeditor5/translations/vi.js";

export const translations = [vietnamese];
