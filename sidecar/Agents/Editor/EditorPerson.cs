using RdsTunnel.Rpc;

namespace RdsTunnel.Agents.Editor;

/// <summary>The person at the editor, who is asked between two calls. An answer counts for the very words of one question.</summary>
/// <param name="answered">The question that was answered; null before that.</param>
internal sealed class EditorPerson(string? answered, AgentConsent? consent) : IPerson
{
    public bool CanBeAsked => true;

    public string How => consent == AgentConsent.Confirmed ? "editor" : "asked";

    public Task<Answer> AskAsync(AgentQuestion question, CancellationToken cancellationToken) =>
        consent switch
        {
            _ when question.Text != answered => throw new AgentQuestionException(question),
            AgentConsent.Declined => Task.FromResult(Answer.No),
            AgentConsent.Agreed => Task.FromResult(Answer.Yes),
            // An editor can be told to confirm everything: like --allow-open, that is no consent to more than databases.
            AgentConsent.Confirmed when !question.IsBroad => Task.FromResult(Answer.Yes),
            _ => throw new AgentQuestionException(question),
        };
}
