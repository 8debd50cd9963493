// The list of what is wrong takes the focus, so that a screen reader begins there.
export default function focusErrors(list) {
  list.focus();
}
